package io.filereplication.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.Sha256;
import io.filereplication.loopback.MemoryTransport.Sent;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.wire.AnswerSealer;
import io.filereplication.wire.MessageKind;
import io.filereplication.wire.OtherBuild;
import io.filereplication.wire.ProofFailure;
import io.filereplication.wire.RefusalCode;
import io.filereplication.wire.ServerSessions;
import io.filereplication.wire.Unproven;
import io.filereplication.wire.WireException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The peer is another than it should be: it lies, it is of another build, or somebody else answers the hello. */
class OtherServerTest extends AttackFixture {
    /** A member that lies: every frame matches its own digest, but the whole is not what the manifest has. */
    @Test
    void anotherFileUnderThisNameIsAChecksumMismatch() throws InterruptedException {
        byte[] right = SampleFiles.content(8, 100);
        FileEntry wanted = SampleFiles.entry("small", 6, PEER, right);
        State state = state();
        byte[][] sent = {right};
        ServerSessions sessions = connectToAServerThat((sealer, answer) -> {
            sealer.acknowledgement(answer, 0, 0, 100, Sha256.OF_EMPTY);
            sealer.frameHeader(answer, 0, 0, 100, SampleFiles.digests(sent[0]).whole());
            answer.put(sent[0]);
            sealer.trailer(answer);
        });
        assertThat(fetch(item(wanted, right, 0))).isEqualTo(new FetchOutcome.Received(100));
        assertThat(health.hasBadCopy(PEER, wanted.path())).isFalse();

        sent[0] = SampleFiles.content(9, 100);
        FetchItem item = item(wanted, right, 0);
        assertFailed(fetch(item), ChecksumMismatchException.class, 0);
        assertThat(staged(item)).isEmpty();
        assertThat(health.hasBadCopy(PEER, wanted.path())).isTrue();
        assertThat(fetcher.rejections().values()).as("authentic, and wrong").containsOnly(0L);

        sent[0] = right;
        assertThat(fetch(item(wanted, right, 0))).isEqualTo(new FetchOutcome.Received(100));
        assertThat(sessions.proven()).isEqualTo(1);
        assertThat(sessions.unproven()).isZero();
        connect();
        assertAllIsAsInWhenSessionsHaveEnded(state);
    }

    /** A server of another build, in whose version the request makes no sense: neither out of reach, nor unable to prove itself. */
    @Test
    void aRefusedVersionIsNeitherSilenceNorAFailedProof() throws InterruptedException {
        State state = state();
        RefusalCode[] said = {RefusalCode.BUSY};
        ServerSessions sessions = connectToAServerThat((sealer, answer) -> sealer.refuseAll(answer, said[0]));
        assertFailed(fetch(item(entry, content, 0)), BusyException.class, 0);
        said[0] = RefusalCode.VERSION;
        assertFailed(fetch(item(entry, content, 0)), UnsupportedVersionException.class, 0);
        said[0] = RefusalCode.BUSY;
        assertFailed(fetch(item(entry, content, 0)), BusyException.class, 0);
        assertThat(sessions.proven()).isEqualTo(1);
        assertThat(fetcher.rejections().values()).containsOnly(0L);
        connect();
        assertAllIsAsInWhenSessionsHaveEnded(state);
    }

    @Test
    void aServerWithoutACommonVersionIsNeitherSilentNorAFailedProof() throws InterruptedException {
        State state = state();
        scheduler.advance(Duration.ofHours(2));
        network.connect(PEER, (request, out) -> {
            try {
                out.send(OtherBuild.answerHello(ServingNode.credentials(PEER), request));
            } catch (WireException e) {
                throw new AssertionError("The hello was none", e);
            }
        });
        assertFailed(fetch(item(entry, content, 0)), UnsupportedVersionException.class, 0);
        assertThat(health.condition(PEER)).isEqualTo(PeerHealth.Condition.UNREACHABLE);
        assertThat(fetcher.rejections().values()).containsOnly(0L);
        connect();
        assertHonestFetchSucceedsAndAllIsAsIn(state);
    }

    /** Whoever changes the answer to a hello opens no session, and is not listened to. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "nonce, 8, HELLO_ANSWER_TAG",
        "session, 40, HELLO_ANSWER_TAG",
        "version, 56, HELLO_ANSWER_TAG",
        "tag, 57, HELLO_ANSWER_TAG",
        "magic number, 0, MALFORMED",
        "kind, 5, MALFORMED"
    })
    void aFlippedAnswerToAHelloOpensNoSession(String field, int at, ProofFailure kind) throws InterruptedException {
        State state = state();
        Map<ProofFailure, Long> counted = fetcher.rejections();
        scheduler.advance(Duration.ofHours(2));
        network.onAnswer(flip(0, at));
        assertFailed(
                fetch(item(entry, content, 0)),
                kind == ProofFailure.MALFORMED ? UnreachableException.class : AuthenticationException.class,
                0);
        assertThat(fetcher.rejections()).isEqualTo(oneMore(counted, kind));
        assertThat(network.rejected()).isEqualTo(1);
        scheduler.advance(Duration.ofMinutes(1));
        assertHonestFetchSucceedsAndAllIsAsIn(state);
    }

    @Test
    void anAnswerToAHelloThatIsFarTooLongIsNone() throws InterruptedException {
        State state = state();
        scheduler.advance(Duration.ofHours(2));
        network.onAnswer(packets ->
                List.of(new Sent(Arrays.copyOf(packets.get(0).bytes(), MIB), 0)));
        assertFailed(fetch(item(entry, content, 0)), UnreachableException.class, 0);
        assertThat(fetcher.rejections()).containsEntry(ProofFailure.MALFORMED, 1L);
        scheduler.advance(Duration.ofMinutes(1));
        assertHonestFetchSucceedsAndAllIsAsIn(state);
    }

    /** What a server with the secret says to a request. */
    private interface Answering {
        void answer(AnswerSealer sealer, ByteBuffer answer);
    }

    private ServerSessions connectToAServerThat(Answering answering) {
        ServerSessions sessions =
                new ServerSessions(ServingNode.credentials(PEER), () -> Set.of(ME), scheduler::nanoTime, new Random(5));
        network.connect(PEER, (request, out) -> {
            try {
                if (ServerSessions.kindOf(request) == MessageKind.HELLO) {
                    out.send(sessions.answerHello(request).answer());
                    return;
                }
                ByteBuffer answer = ByteBuffer.allocate(1_000);
                answering.answer(sessions.open(request).answer(), answer);
                out.send(answer.flip());
            } catch (WireException e) {
                out.send(Unproven.message());
            }
        });
        scheduler.advance(Duration.ofSeconds(1));
        return sessions;
    }
}
