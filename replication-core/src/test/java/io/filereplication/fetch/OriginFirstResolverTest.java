package io.filereplication.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.loopback.SteppedScheduler;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OriginFirstResolverTest {
    private static final NodeId SELF = NodeId.of("n1");
    private static final NodeId ORIGIN = NodeId.of("n2");
    private static final FilePath PATH = FilePath.of("a/b");

    private final SteppedScheduler scheduler = new SteppedScheduler();
    private final PeerHealth health = new PeerHealth(scheduler);
    private final Set<NodeId> members =
            new HashSet<>(Set.of(SELF, ORIGIN, NodeId.of("n3"), NodeId.of("n4"), NodeId.of("n5")));
    private final OriginFirstResolver resolver = new OriginFirstResolver(SELF, () -> members, health);

    private List<NodeId> candidates() {
        return resolver.candidates(ORIGIN, PATH);
    }

    @Test
    void asksTheOriginFirstThenEveryOtherMemberButNotThisNode() {
        assertThat(candidates()).hasSize(4).startsWith(ORIGIN).doesNotContain(SELF);
        assertThat(resolver.candidates(SELF, PATH)).hasSize(4).doesNotContain(SELF);
    }

    @Test
    void namesOnlyMembers() {
        members.remove(ORIGIN);
        assertThat(candidates()).hasSize(3).doesNotContain(ORIGIN);
        members.clear();
        assertThat(candidates()).isEmpty();
    }

    /** Lesson 22: the origin is not everybody's first choice once it is busy, and second choices are spread. */
    @Test
    void spreadsFilesOverTheOtherMembersWhenTheOriginIsBusy() {
        health.wasBusy(ORIGIN);
        Set<NodeId> first = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            List<NodeId> order = resolver.candidates(ORIGIN, FilePath.of("dir/file-" + i));
            assertThat(order).endsWith(ORIGIN);
            first.add(order.get(0));
        }
        assertThat(first).hasSize(3);
        scheduler.advance(Duration.ofSeconds(3));
        assertThat(candidates()).startsWith(ORIGIN);
    }

    /** Lesson 14: an origin that sent bad bytes does not stand in the way of healthy peers. */
    @Test
    void asksAnOriginWithABadCopyLastForThatFile() {
        health.sentBadBytes(ORIGIN, PATH);
        assertThat(candidates()).endsWith(ORIGIN);
        assertThat(resolver.candidates(ORIGIN, FilePath.of("another"))).startsWith(ORIGIN);
        scheduler.advance(Duration.ofHours(1));
        assertThat(candidates()).startsWith(ORIGIN);
    }

    @Test
    void anUnreachablePeerIsLastUntilItAnswers() {
        health.failed(ORIGIN);
        assertThat(candidates()).endsWith(ORIGIN);
        health.answered(ORIGIN);
        assertThat(candidates()).startsWith(ORIGIN);
        health.failed(ORIGIN);
        scheduler.advance(Duration.ofSeconds(30));
        assertThat(candidates()).startsWith(ORIGIN);
    }

    @Test
    void aPeerThatRefusedOurProofRestsForAMinute() {
        health.refusedProof(ORIGIN);
        health.failed(ORIGIN);
        scheduler.advance(Duration.ofSeconds(59));
        assertThat(candidates()).hasSize(3).doesNotContain(ORIGIN);
        scheduler.advance(Duration.ofSeconds(1));
        assertThat(candidates()).startsWith(ORIGIN);
    }

    @Test
    void whatIsRememberedIsBounded() {
        for (int i = 0; i < 5_000; i++) {
            health.failed(NodeId.of("m" + i));
            health.sentBadBytes(ORIGIN, FilePath.of("p" + i));
        }
        assertThat(health.condition(NodeId.of("m4999"))).isEqualTo(PeerHealth.Condition.WELL);
        assertThat(health.hasBadCopy(ORIGIN, FilePath.of("p0"))).isFalse();
        assertThat(health.hasBadCopy(ORIGIN, FilePath.of("p4999"))).isTrue();
    }
}
