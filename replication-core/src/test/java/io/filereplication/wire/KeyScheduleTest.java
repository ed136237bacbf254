package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyScheduleTest {
    private static final NodeId A = NodeId.of("a");
    private static final NodeId B = NodeId.of("b");

    private static String tag(SessionKeys keys, MessageKind kind) {
        ByteBuffer tag = ByteBuffer.allocate(Protocol.TAG_BYTES);
        keys.tagger(kind).finish(tag);
        return HexFormat.of().formatHex(tag.array());
    }

    /** Lesson 24: every kind and direction has a key of its own, bound to everything that a session is about. */
    @Test
    void everyInputMakesAnotherKey() {
        byte[] x = Wired.bytes(32, 1);
        byte[] y = Wired.bytes(32, 2);
        GroupId other = GroupId.of("00112233-4455-6677-8899-aabbccddeef0");
        ClusterSecret secret = new ClusterSecret("k1", Wired.SECRET);
        Ends ends = new Ends("c", Wired.GROUP, A, B);
        SessionId id = new SessionId(1, 2);
        List<SessionKeys> all = List.of(
                new KeySchedule(secret, ends).sessionKeys(1, x, y, id),
                new KeySchedule(secret, ends).sessionKeys(2, x, y, id),
                new KeySchedule(secret, ends).sessionKeys(1, y, x, id),
                new KeySchedule(secret, ends).sessionKeys(1, x, x, id),
                new KeySchedule(secret, ends).sessionKeys(1, x, y, new SessionId(2, 1)),
                new KeySchedule(new ClusterSecret("k2", Wired.SECRET), ends).sessionKeys(1, x, y, id),
                new KeySchedule(new ClusterSecret("k1", y), ends).sessionKeys(1, x, y, id),
                new KeySchedule(secret, new Ends("d", Wired.GROUP, A, B)).sessionKeys(1, x, y, id),
                new KeySchedule(secret, new Ends("c", other, A, B)).sessionKeys(1, x, y, id),
                new KeySchedule(secret, new Ends("c", Wired.GROUP, B, A)).sessionKeys(1, x, y, id),
                new KeySchedule(secret, new Ends("c", Wired.GROUP, NodeId.of("ab"), NodeId.of("c")))
                        .sessionKeys(1, x, y, id),
                new KeySchedule(secret, new Ends("c", Wired.GROUP, A, NodeId.of("bc"))).sessionKeys(1, x, y, id));
        Set<String> tags = new HashSet<>();
        for (SessionKeys keys : all) {
            for (MessageKind kind : SessionKeys.KINDS) {
                assertThat(tags.add(tag(keys, kind))).isTrue();
            }
        }
    }
}
