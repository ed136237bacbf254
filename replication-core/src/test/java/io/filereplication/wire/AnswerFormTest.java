package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A message of an answer has one form: whoever has the keys and writes it otherwise is not understood. */
class AnswerFormTest {
    private static final long COUNTER = 3;

    /** The only item is refused, then comes the message under test. */
    private static AnswerMessage afterARefusal(MessageKind kind, int item, byte[] body) throws WireException {
        ByteBuffer out = ByteBuffer.allocate(500);
        Wired.sealer(COUNTER).refusal(out, 0, RefusalCode.BUSY);
        int start = out.position();
        out.putInt(Protocol.MAGIC).put((byte) 1).put((byte) kind.code()).putShort((short) item);
        new SessionId(5, 6).write(out);
        out.putLong(COUNTER).putLong(1).put(body);
        Wired.keys(10).tagger(kind).update(out, start, out.position()).finish(out);
        AnswerReader reader = Wired.reader(COUNTER, List.of(Wired.wanted("a", 10)));
        return Wired.read(reader, List.of(Wired.copy(out.flip()))).get(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, 0x7fff, 0x8000, 0xfffe})
    void aWaitConcernsNoFile(int item) throws WireException {
        byte[] nothing = {};
        assertThat(afterARefusal(MessageKind.WAIT, 0xffff, nothing)).isEqualTo(new AnswerMessage.Wait());
        assertThatThrownBy(() -> afterARefusal(MessageKind.WAIT, item, nothing))
                .isExactlyInstanceOf(MalformedMessageException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, 0x7fff, 0x8000, 0xfffe})
    void aTrailerConcernsNoFile(int item) throws WireException {
        byte[] noBytes = new byte[8];
        assertThat(afterARefusal(MessageKind.TRAILER, 0xffff, noBytes)).isEqualTo(new AnswerMessage.Trailer());
        assertThatThrownBy(() -> afterARefusal(MessageKind.TRAILER, item, noBytes))
                .isExactlyInstanceOf(MalformedMessageException.class);
    }

    /** The whole request is refused before anything of it is answered, or not at all. */
    @Test
    void aRequestIsNotRefusedAsAWholeAfterAFile() throws WireException {
        byte[] busy = {0, 4};
        assertThatThrownBy(() -> afterARefusal(MessageKind.REFUSAL, 0xffff, busy))
                .isExactlyInstanceOf(MalformedMessageException.class);
    }
}
