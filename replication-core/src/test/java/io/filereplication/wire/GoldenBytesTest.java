package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.Sha256;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The bytes of version 1. A change here is a change of the protocol: other builds would refuse it. */
class GoldenBytesTest {
    private static final KeySchedule SCHEDULE = new KeySchedule(
            new ClusterSecret("k1", Wired.SECRET), new Ends(Wired.CLUSTER, Wired.GROUP, Wired.CLIENT, Wired.SERVER));
    private static final byte[] CLIENT_NONCE = Wired.bytes(32, 0xc0);
    private static final byte[] SERVER_NONCE = Wired.bytes(32, 0x50);
    private static final String SESSION_AND_COUNTER = "0000000000000005" + "0000000000000006" + "0000000000000009";

    private static String hex(ByteBuffer message) {
        return HexFormat.of().formatHex(Wired.copy(message));
    }

    private static Hello hello() {
        return Hello.write(1, 1, CLIENT_NONCE, "k1", Wired.CLIENT, SCHEDULE.helloKey(CLIENT_NONCE));
    }

    private static String sealed(Consumer<AnswerSealer> write, ByteBuffer out) {
        write.accept(Wired.sealer(9));
        return hex(out.flip());
    }

    @Test
    void helloMessage() {
        assertThat(hex(hello().message()))
                .isEqualTo("46524550" + "01" + "01" + "01" + "01" + "c0".repeat(32) + "026b31" + "026e31"
                        + "e89c9c6344a49519fe9028c03ec6b0c0aacacee495b1a5e1b1f8728a509f9447");
    }

    @Test
    void helloAnswer() {
        byte[] answer = HelloAnswer.write(
                hello(), SERVER_NONCE, new SessionId(5, 6), 1, SCHEDULE.helloAnswerKey(CLIENT_NONCE, SERVER_NONCE));
        assertThat(hex(ByteBuffer.wrap(answer)))
                .isEqualTo("46524550" + "01" + "02" + "01" + "01" + "50".repeat(32) + "0000000000000005"
                        + "0000000000000006" + "01"
                        + "455aa5d2d204469dc023ca0d7fcb825eb8b7b575cb1d7b048ff2f9ad0f35268a");
    }

    @Test
    void request() {
        ByteBuffer request = RequestCodec.write(
                1,
                new SessionId(5, 6),
                9,
                List.of(Wired.wanted("a/b", 10)),
                Wired.keys(10).tagger(MessageKind.REQUEST));
        assertThat(hex(request))
                .isEqualTo("46524550" + "01" + "03" + "0001" + SESSION_AND_COUNTER
                        + "00" + "0003" + "612f62" + "0000000000000007" + "00000001" + "03".repeat(32)
                        + "000000000000000a" + "0000000000000000" + "000000000000000a"
                        + "26cdc4e4d9b28f395eedde27c5efb4d667e3cee6b166cb65f511df3f7edfed5f");
    }

    @Test
    void acknowledgement() {
        ByteBuffer out = ByteBuffer.allocate(200);
        assertThat(sealed(sealer -> sealer.acknowledgement(out, 2, 1 << 20, 10, Wired.sha256(4)), out))
                .isEqualTo("46524550" + "01" + "04" + "0002" + SESSION_AND_COUNTER + "0000000000000000"
                        + "0000000000100000" + "000000000000000a" + "04".repeat(32)
                        + "af0b404989fbf1c8e6cb6dacf7381f3d0f0507cc2330ba329e59fdd06a2653a3");
    }

    @Test
    void refusal() {
        ByteBuffer out = ByteBuffer.allocate(200);
        assertThat(sealed(sealer -> sealer.refusal(out, 2, RefusalCode.BUSY), out))
                .isEqualTo("46524550" + "01" + "05" + "0002" + SESSION_AND_COUNTER + "0000000000000000" + "0004"
                        + "452d5f9e6829d03099c6d20fd79b7da9aa79b8ef2df3cc2edd2c6d998ea345a1");
    }

    @Test
    void frame() {
        ByteBuffer out = ByteBuffer.allocate(200);
        assertThat(sealed(sealer -> sealer.frameHeader(out, 2, 1 << 20, 10, Wired.sha256(4)), out))
                .hasSize(2 * Protocol.FRAME_HEADER_BYTES)
                .isEqualTo("46524550" + "01" + "06" + "0002" + SESSION_AND_COUNTER + "0000000000000000"
                        + "0000000000100000" + "0000000a" + "04".repeat(32)
                        + "2e819304a56e67d75b6bc05ab6b6ca3fcc361146735803ca33cce90f64d577f5");
    }

    @Test
    void waiting() {
        ByteBuffer out = ByteBuffer.allocate(200);
        assertThat(sealed(sealer -> sealer.waiting(out), out))
                .isEqualTo("46524550" + "01" + "07" + "ffff" + SESSION_AND_COUNTER + "0000000000000000"
                        + "17274836eb5527edfe9033e5b5c35a066e2edc12d9115c3134bd5471e200a690");
    }

    @Test
    void trailerAfterAFrame() {
        ByteBuffer out = ByteBuffer.allocate(200);
        assertThat(sealed(
                        sealer -> {
                            sealer.frameHeader(out, 0, 0, 10, Sha256.OF_EMPTY);
                            out.clear();
                            sealer.trailer(out);
                        },
                        out))
                .isEqualTo("46524550" + "01" + "08" + "ffff" + SESSION_AND_COUNTER + "0000000000000001"
                        + "000000000000000a" + "0794caa75c7e13978275ba76cddc382ff03eef2988fe755a5d65355c73cefa94");
    }

    @Test
    void unproven() {
        assertThat(hex(Unproven.message())).isEqualTo("46524550" + "01" + "09" + "0000");
    }
}
