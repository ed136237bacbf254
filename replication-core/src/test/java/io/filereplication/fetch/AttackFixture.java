package io.filereplication.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.loopback.MemoryTransport.Sent;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.wire.ProofFailure;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/**
 * Attacks on a fetch of a three-chunk file. Before each an honest fetch succeeds, and after each another, with all that is held
 * as it was before.
 */
abstract class AttackFixture extends FetchFixture {
    byte[] content = SampleFiles.content(1, 3 * MIB);
    FileEntry entry = SampleFiles.entry("unset", 1, PEER, content);

    @BeforeEach
    void anHonestFetchSucceeds() throws InterruptedException {
        entry = peer.hold("f", 5, content);
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(content.length));
    }

    void assertHonestFetchSucceedsAndAllIsAsIn(State before) throws InterruptedException {
        network.onAnswer(UnaryOperator.identity());
        scheduler.advance(Duration.ofSeconds(1));
        assertThat(fetch(item(entry, content, 0))).isEqualTo(new FetchOutcome.Received(content.length));
        State now = state();
        assertThat(now.threads()).isSubsetOf(before.threads());
        assertThat(now).usingRecursiveComparison().ignoringFields("threads").isEqualTo(before);
    }

    /** As before, once the session is over that the attack made useless. */
    void assertAllIsAsInWhenSessionsHaveEnded(State before) throws InterruptedException {
        scheduler.advance(Duration.ofHours(2));
        assertHonestFetchSucceedsAndAllIsAsIn(before);
    }

    /** What an attack must leave as it was. */
    record State(
            ServeCapacity.Usage usage,
            int proven,
            int unproven,
            int openFiles,
            int unreadPackets,
            int tasks,
            Set<Thread> threads) {}

    State state() {
        return new State(
                peer.capacity.usage(),
                peer.server().stats().provenSessions(),
                peer.server().stats().unprovenSessions(),
                peer.files.openFiles(),
                network.unread(),
                scheduler.pending(),
                Thread.getAllStackTraces().keySet());
    }

    static Map<ProofFailure, Long> oneMore(Map<ProofFailure, Long> counted, @Nullable ProofFailure kind) {
        Map<ProofFailure, Long> more = new EnumMap<>(counted);
        if (kind != null) {
            more.merge(kind, 1L, Long::sum);
        }
        return more;
    }

    static UnaryOperator<List<Sent>> flip(int packet, int at) {
        return packets -> {
            byte[] bytes = packets.get(packet).bytes();
            bytes[at < 0 ? bytes.length + at : at] ^= 1;
            return packets;
        };
    }
}
