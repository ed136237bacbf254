package io.filereplication.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.log.NodeLog;
import io.filereplication.time.ManualScheduler;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A peer's trouble is in the log once, and so is its end. The simple logger writes to {@link System#err}. */
class PeerNewsTest {
    private static final NodeId PEER = NodeId.of("n2");

    private final ManualScheduler time = new ManualScheduler();
    private final PeerNews news =
            new PeerNews(NodeLog.of(GroupId.of("00000000-0000-0000-0000-00000000a1b2"), time), time);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream before = System.err;

    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void stop() {
        System.setErr(before);
    }

    @Test
    void anOutageIsTwoLinesHoweverLongItIs() {
        for (int i = 0; i < 100; i++) {
            news.unreachable(PEER, "No way");
            time.advance(NodeLog.SUMMARY_INTERVAL.dividedBy(2));
        }
        news.answered(PEER);
        news.answered(PEER);

        assertThat(lines()).hasSize(2);
        assertThat(lines().get(0))
                .contains("INFO")
                .contains("n2 cannot be reached")
                .contains("No way");
        assertThat(lines().get(1)).contains("INFO").contains("n2 answers again");
    }

    @Test
    void aPeerThatIsWellIsNotMentioned() {
        news.answered(PEER);

        assertThat(lines()).isEmpty();
    }

    @Test
    void aPeerThatGoesToAndFroIsMentionedOnceAMinute() {
        for (int i = 0; i < 600; i++) {
            news.unreachable(PEER, "No way");
            news.answered(PEER);
            time.advance(NodeLog.SUMMARY_INTERVAL.dividedBy(60));
        }

        assertThat(lines()).hasSize(20);
    }

    @Test
    void aFailedProofIsAWarningEvenOfAPeerThatCouldNotBeReachedBefore() {
        news.unreachable(PEER, "No way");
        time.advance(NodeLog.SUMMARY_INTERVAL);
        news.proofFailed(PEER, "another secret");

        assertThat(lines().get(1)).contains("WARN").contains("prove the secret");
    }

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
