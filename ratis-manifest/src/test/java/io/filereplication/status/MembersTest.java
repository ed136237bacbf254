package io.filereplication.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.status.MemberAnswer.Answered;
import io.filereplication.status.MemberAnswer.Silent;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

/** Whoever asks hears something of every member. */
class MembersTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final FilePath PATH = FilePath.of("a");
    private static final FileStatus OWN = new FileStatus(N1, 3, new Lsn(1, 0), null);

    private final Map<NodeId, CompletableFuture<ByteString>> answers = new TreeMap<>();
    private final Members members = new Members(
            N1,
            () -> {
                throw new AssertionError("nobody asks for it here");
            },
            path -> OWN,
            new MemberTransport() {
                @Override
                public Set<NodeId> others() {
                    return answers.keySet();
                }

                @Override
                public CompletableFuture<ByteString> ask(NodeId member, ByteString question) {
                    return answers.get(member);
                }
            });

    private Map<NodeId, MemberAnswer<FileStatus>> ask(Duration timeout) throws Exception {
        return members.file(PATH, timeout).get(30, TimeUnit.SECONDS);
    }

    @Test
    void whatMembersAnswerIsHeardAndTheOwnAnswerNeedsNoTransport() throws Exception {
        FileStatus other = new FileStatus(N2, 4, new Lsn(1, 0), new Lsn(1, 0));
        answers.put(N2, CompletableFuture.completedFuture(StatusMessages.encode(other)));

        assertThat(ask(Duration.ofSeconds(30)))
                .containsOnly(Map.entry(N1, new Answered<>(OWN)), Map.entry(N2, new Answered<>(other)));
    }

    @Test
    void aMemberThatFailsIsSilentWithItsReason() throws Exception {
        answers.put(N2, CompletableFuture.failedFuture(new IOException("connection refused\nand more")));

        assertThat(ask(Duration.ofSeconds(30))).containsEntry(N2, new Silent<>("connection refused"));
    }

    @Test
    void aMemberThatNeverAnswersKeepsNobodyWaiting() throws Exception {
        answers.put(N2, new CompletableFuture<>());

        assertThat(ask(Duration.ofMillis(1)))
                .containsEntry(N1, new Answered<>(OWN))
                .containsEntry(N2, new Silent<>("no answer within 1 ms"));
    }

    @Test
    void anAnswerThatIsNoneIsSilence() throws Exception {
        answers.put(N2, CompletableFuture.completedFuture(ByteString.EMPTY));

        assertThat(ask(Duration.ofSeconds(30)).get(N2)).isInstanceOf(Silent.class);
    }
}
