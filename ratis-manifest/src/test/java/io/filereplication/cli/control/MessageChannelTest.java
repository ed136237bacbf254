package io.filereplication.cli.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.cli.control.proto.ControlProtocol.UploadProto;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

/** Messages survive whatever pieces they come in; what is cut or too long is refused. */
class MessageChannelTest {
    private static final UploadProto MESSAGE = UploadProto.newBuilder()
            .setData(ByteString.copyFromUtf8("some bytes"))
            .setLast(true)
            .build();

    /** Gives one byte at a time, and remembers what was written. */
    private static final class Pipe implements ByteChannel {
        private final ByteBuffer incoming;
        private final ByteArrayOutputStream outgoing = new ByteArrayOutputStream();

        Pipe(byte... incoming) {
            this.incoming = ByteBuffer.wrap(incoming);
        }

        @Override
        public int read(ByteBuffer target) {
            if (!incoming.hasRemaining()) {
                return -1;
            }
            target.put(incoming.get());
            return 1;
        }

        @Override
        public int write(ByteBuffer source) {
            outgoing.write(source.get());
            return 1;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static byte[] framed() throws IOException {
        Pipe pipe = new Pipe();
        new MessageChannel(pipe).send(MESSAGE);
        return pipe.outgoing.toByteArray();
    }

    @Test
    void aMessageComesBackAsItWasSent() throws Exception {
        MessageChannel channel = new MessageChannel(new Pipe(framed()));

        assertThat(UploadProto.parseFrom(channel.receive())).isEqualTo(MESSAGE);
        assertThat(channel.receive()).as("at the end").isNull();
    }

    @Test
    void aMessageThatIsCutAnywhereIsNone() throws Exception {
        byte[] whole = framed();
        for (int length = 1; length < whole.length; length++) {
            MessageChannel channel = new MessageChannel(new Pipe(java.util.Arrays.copyOf(whole, length)));
            assertThatThrownBy(channel::receive).as("cut at " + length).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void aLengthBeyondTheLimitIsRefusedBeforeAnythingIsAllocated() {
        byte[] tooLong = ByteBuffer.allocate(4)
                .putInt(MessageChannel.MAX_MESSAGE_BYTES + 1)
                .array();

        assertThatThrownBy(() -> new MessageChannel(new Pipe(tooLong)).receive())
                .hasMessageContaining("limit");
        assertThatThrownBy(() -> new MessageChannel(new Pipe((byte) -1, (byte) 0, (byte) 0, (byte) 0)).receive())
                .hasMessageContaining("limit");
    }

    @Test
    void anotherVersionIsNotGreeted() throws Exception {
        byte[] same = {'F', 'R', 'C', 'S', 1};
        byte[] newer = {'F', 'R', 'C', 'S', 2};
        Pipe pipe = new Pipe(same);
        new MessageChannel(pipe).greet();

        assertThat(pipe.outgoing.toByteArray()).isEqualTo(same);
        assertThatThrownBy(() -> new MessageChannel(new Pipe(newer)).greet()).hasMessageContaining("version");
        assertThatThrownBy(() -> new MessageChannel(new Pipe()).greet()).isInstanceOf(IOException.class);
    }
}
