package io.filereplication.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

/** Statuses survive the way; what is none is refused. */
class StatusMessagesTest {
    private static final NodeId N1 = NodeId.of("n1");
    private static final FilePath PATH = FilePath.of("a/b");

    @Test
    void aNodeStatusComesBackAsItWasSent() {
        NodeStatus status = full();

        assertThat(StatusMessages.decodeNode(StatusMessages.encode(status))).isEqualTo(status);
        assertThat(status.statistic("missing")).isEqualTo(8);
        assertThat(status.statistic("of another build")).isZero();
    }

    private static NodeStatus full() {
        return new NodeStatus(
                N1,
                NodeStatus.Role.LEADER,
                N1,
                3,
                7,
                6,
                5,
                4,
                true,
                true,
                2,
                List.of(new NodeStatus.Member(NodeId.of("n2"), "h:1", "h:2", true)),
                List.of("a problem"),
                List.of(new NodeStatus.Failure(new FileVersion(PATH, new Lsn(1, 2)), 3, "a reason")),
                Map.of("missing", 8L));
    }

    @Test
    void aNodeThatKnowsNothingYetComesBackToo() {
        NodeStatus status = new NodeStatus(
                N1,
                NodeStatus.Role.UNKNOWN,
                null,
                0,
                -1,
                -1,
                0,
                0,
                false,
                false,
                -1,
                List.of(),
                List.of(),
                List.of(),
                Map.of());

        assertThat(StatusMessages.decodeNode(StatusMessages.encode(status))).isEqualTo(status);
    }

    @Test
    void aFileStatusComesBackAsItWasSent() {
        FileStatus both = new FileStatus(N1, 9, new Lsn(4, 1), new Lsn(3, 0));
        FileStatus neither = new FileStatus(N1, -1, null, null);

        assertThat(StatusMessages.decodeFile(StatusMessages.encode(both))).isEqualTo(both);
        assertThat(StatusMessages.decodeFile(StatusMessages.encode(neither))).isEqualTo(neither);
        assertThat(both.holds(new Lsn(3, 0))).isTrue();
        assertThat(both.holds(new Lsn(4, 1))).isFalse();
        assertThat(neither.holds(new Lsn(0, 0))).isFalse();
    }

    /** A member sends it: whatever comes is refused in the one way that callers expect, or is a status. */
    @Test
    void whateverASendersBytesBecomeTheyAreAStatusOrRefused() {
        FileStatus file = new FileStatus(N1, 9, new Lsn(4, 1), new Lsn(3, 0));
        assertThat(understood(StatusMessages.encode(full()), StatusMessages::decodeNode, StatusMessages::encode))
                .isPositive();
        assertThat(understood(StatusMessages.encode(file), StatusMessages::decodeFile, StatusMessages::encode))
                .isPositive();
    }

    /** How many of the truncations and flipped bits of {@code genuine} are a status, which then comes back as it was sent. */
    private static <S> int understood(
            ByteString genuine, Function<ByteString, S> decode, Function<S, ByteString> encode) {
        List<ByteString> changed = new ArrayList<>();
        for (int length = 0; length <= genuine.size(); length++) {
            changed.add(genuine.substring(0, length));
        }
        for (int bit = 0; bit < genuine.size() * 8; bit++) {
            byte[] bytes = genuine.toByteArray();
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            changed.add(ByteString.copyFrom(bytes));
        }
        int understood = 0;
        for (ByteString bytes : changed) {
            try {
                S status = decode.apply(bytes);
                assertThat(decode.apply(encode.apply(status))).isEqualTo(status);
                understood++;
            } catch (IllegalArgumentException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
        }
        return understood;
    }

    @Test
    void bytesThatAreNoStatusAreRefused() {
        ByteString garbage = ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xff});

        org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                .isThrownBy(() -> StatusMessages.decodeNode(garbage));
        org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                .isThrownBy(() -> StatusMessages.decodeFile(garbage));
        org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                .as("no node has an empty name")
                .isThrownBy(() -> StatusMessages.decodeNode(ByteString.EMPTY));
    }
}
