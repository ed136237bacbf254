package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Somebody between the nodes changes an answer. Of six messages (acknowledgement, frame, wait, acknowledgement, frame,
 * trailer), those before the attack are believed and the attacked one is not.
 */
class AnswerAdversaryTest {
    private static final long COUNTER = 3;
    /** What each kind of message in an answer has, without a frame's data. */
    private static final Map<MessageKind, Integer> BYTES = Map.of(
            MessageKind.ACKNOWLEDGEMENT, 120,
            MessageKind.REFUSAL, 74,
            MessageKind.FRAME, 116,
            MessageKind.WAIT, 72,
            MessageKind.TRAILER, 80);

    private static void assertRefusedAt(int index, List<byte[]> packets, ProofFailure reason) throws WireException {
        Class<? extends WireException> type =
                reason == ProofFailure.MALFORMED ? MalformedMessageException.class : ForgedMessageException.class;
        assertRefusedAt(index, packets, type, reason);
    }

    private static void assertRefusedAt(
            int index, List<byte[]> packets, Class<? extends WireException> type, ProofFailure reason)
            throws WireException {
        assertThat(Wired.read(Wired.reader(COUNTER, Wired.TWO_FILES), Wired.answer(COUNTER)))
                .hasSize(6);
        AnswerReader reader = Wired.reader(COUNTER, Wired.TWO_FILES);
        Wired.read(reader, packets.subList(0, index));
        assertThatThrownBy(() -> Wired.read(reader, packets.subList(index, index + 1)))
                .isInstanceOfSatisfying(type, e -> assertThat(e.proofFailure()).isEqualTo(reason));
        AnswerReader again = Wired.reader(COUNTER, Wired.TWO_FILES);
        Wired.read(again, Wired.answer(COUNTER));
        assertThat(again.isOver()).isTrue();
    }

    @Test
    void anHonestAnswerIsReadInAnyPackets() throws WireException {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        Wired.answer(COUNTER).forEach(joined::writeBytes);
        List<AnswerMessage> messages =
                Wired.read(Wired.reader(COUNTER, Wired.TWO_FILES), List.of(joined.toByteArray()));

        assertThat(messages).hasSize(6);
        assertThat(messages.get(0)).isEqualTo(new AnswerMessage.Acknowledged(0, Sha256.OF_EMPTY));
        assertThat(messages.get(1)).isInstanceOfSatisfying(AnswerMessage.Frame.class, frame -> {
            assertThat(frame.length()).isEqualTo(10);
            assertThat(frame.prefixAtEnd()).isEqualTo(Wired.sha256(4));
            assertThat(frame.data()).containsExactly(ByteBuffer.wrap(Wired.bytes(10, 42)));
        });
        assertThat(messages.get(5)).isEqualTo(new AnswerMessage.Trailer());
    }

    @Test
    void aPacketMayBeCutAnywhereIntoBuffers() throws WireException {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        Wired.answer(COUNTER).forEach(joined::writeBytes);
        byte[] all = joined.toByteArray();
        for (int cut = 1; cut < all.length; cut += 7) {
            PacketReader packet = new PacketReader(List.of(
                    ByteBuffer.wrap(all, 0, cut / 2),
                    ByteBuffer.wrap(all, cut / 2, cut - cut / 2),
                    ByteBuffer.wrap(all, cut, all.length - cut)));
            AnswerReader reader = Wired.reader(COUNTER, Wired.TWO_FILES);
            while (packet.hasNext()) {
                reader.next(packet);
            }
            assertThat(reader.isOver()).isTrue();
        }
    }

    /** The data of a frame is not covered by its tag but by the digest in it: FetchAdversaryTest flips its bits. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void everyFlippedBitIsRefusedAtItsMessage(int index) throws WireException {
        byte[] message = Wired.answer(COUNTER).get(index);
        boolean frame = index == 1 || index == 4;
        int covered = frame ? Protocol.FRAME_HEADER_BYTES : message.length;
        for (int bit = 0; bit < covered * 8; bit++) {
            List<byte[]> packets = Wired.answer(COUNTER);
            packets.get(index)[bit / 8] ^= (byte) (1 << bit % 8);
            assertRefusedAt(index, packets, reasonOf(packets.get(index), bit / 8));
        }
    }

    /** A message that is none is malformed; any other that was changed is forged. */
    private static ProofFailure reasonOf(byte[] changed, int at) {
        boolean none = at < 5 || (at == 5 && !couldBe(MessageKind.of(changed[5] & 0xff), changed.length));
        return none ? ProofFailure.MALFORMED : ProofFailure.ANSWER_TAG;
    }

    private static boolean couldBe(@Nullable MessageKind kind, int bytes) {
        Integer least = kind == null ? null : BYTES.get(kind);
        return least != null && least <= bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void everyTruncationIsRefusedAtItsMessage(int index) throws WireException {
        int length = Wired.answer(COUNTER).get(index).length;
        for (int cut = 1; cut < length; cut++) {
            List<byte[]> packets = Wired.answer(COUNTER);
            packets.set(index, Arrays.copyOf(packets.get(index), cut));
            assertRefusedAt(index, packets, ProofFailure.MALFORMED);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void aDroppedMessageIsNoticedAtTheNext(int index) throws WireException {
        List<byte[]> packets = Wired.answer(COUNTER);
        packets.remove(index);
        assertRefusedAt(index, packets, ProofFailure.ANSWER_PLACE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void aRepeatedMessageIsRefused(int index) throws WireException {
        List<byte[]> packets = Wired.answer(COUNTER);
        packets.add(index, packets.get(index));
        assertRefusedAt(index + 1, packets, ProofFailure.ANSWER_PLACE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void reorderedMessagesAreRefused(int index) throws WireException {
        List<byte[]> packets = Wired.answer(COUNTER);
        packets.add(index, packets.remove(index + 1));
        assertRefusedAt(index, packets, ProofFailure.ANSWER_PLACE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void aMessageOfAnotherAnswerIsRefused(int index) throws WireException {
        List<byte[]> packets = Wired.answer(COUNTER);
        packets.set(index, Wired.answer(COUNTER + 1).get(index));
        assertRefusedAt(index, packets, ProofFailure.ANSWER_PLACE);
    }

    @Test
    void theUniformRefusalMeansSomethingOnlyAtTheBeginning() throws WireException {
        byte[] unproven = Wired.copy(Unproven.message());
        assertRefusedAt(0, List.of(unproven), SessionRefusedException.class, ProofFailure.MALFORMED);
        List<byte[]> packets = new ArrayList<>(Wired.answer(COUNTER));
        packets.add(1, unproven);
        assertRefusedAt(1, packets, ProofFailure.MALFORMED);
    }

    @Test
    void nothingFollowsTheTrailer() throws WireException {
        List<byte[]> packets = Wired.answer(COUNTER);
        AnswerSealer sealer = Wired.sealer(COUNTER);
        ByteBuffer out = ByteBuffer.allocate(2_000);
        for (int i = 0; i < 7; i++) {
            out.clear();
            sealer.waiting(out);
        }
        packets.add(Wired.copy(out.flip()));
        assertRefusedAt(6, packets, ProofFailure.ANSWER_PLACE);
    }

    @Test
    void anAuthenticPeerCannotBreakTheOrderOfAnAnswer() throws WireException {
        ByteBuffer out = ByteBuffer.allocate(2_000);
        AnswerSealer early = Wired.sealer(COUNTER);
        early.trailer(out);
        assertMalformed(out);

        out.clear();
        AnswerSealer wrongItem = Wired.sealer(COUNTER);
        wrongItem.acknowledgement(out, 1, 0, 20, Sha256.OF_EMPTY);
        assertMalformed(out);

        out.clear();
        AnswerSealer wrongRange = Wired.sealer(COUNTER);
        wrongRange.acknowledgement(out, 0, 0, 11, Sha256.OF_EMPTY);
        assertMalformed(out);

        out.clear();
        AnswerSealer noAcknowledgement = Wired.sealer(COUNTER);
        noAcknowledgement.frameHeader(out, 0, 0, 10, Sha256.OF_EMPTY);
        assertMalformed(out.put(new byte[10]));

        for (int length : new int[] {-1, 0, 9, 11, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            out.clear();
            AnswerSealer wrongLength = Wired.sealer(COUNTER);
            wrongLength.acknowledgement(out, 0, 0, 10, Sha256.OF_EMPTY);
            wrongLength.frameHeader(out, 0, 0, length, Sha256.OF_EMPTY);
            assertMalformed(out.put(new byte[20]));
        }
        out.clear();
        AnswerSealer refusesTwice = Wired.sealer(COUNTER);
        refusesTwice.refusal(out, 0, RefusalCode.BUSY);
        refusesTwice.refusal(out, 0, RefusalCode.BUSY);
        assertMalformed(out);
    }

    private static void assertMalformed(ByteBuffer messages) throws WireException {
        assertRefusedAt(0, List.of(Wired.copy(messages.flip())), ProofFailure.MALFORMED);
    }

    @Test
    void aFileMayBeRefusedOnTheWay() throws WireException {
        ByteBuffer out = ByteBuffer.allocate(2_000);
        AnswerSealer sealer = Wired.sealer(COUNTER);
        sealer.acknowledgement(out, 0, 0, 10, Sha256.OF_EMPTY);
        sealer.refusal(out, 0, RefusalCode.FILE_NOT_HERE);
        sealer.refusal(out, 1, RefusalCode.BEHIND);
        sealer.trailer(out);
        AnswerReader reader = Wired.reader(COUNTER, Wired.TWO_FILES);

        assertThat(Wired.read(reader, List.of(Wired.copy(out.flip()))))
                .containsExactly(
                        new AnswerMessage.Acknowledged(0, Sha256.OF_EMPTY),
                        new AnswerMessage.Refused(0, RefusalCode.FILE_NOT_HERE),
                        new AnswerMessage.Refused(1, RefusalCode.BEHIND),
                        new AnswerMessage.Trailer());
        assertThat(reader.isOver()).isTrue();
    }

    @Test
    void aReasonOfANewerBuildIsARefusalAllTheSame() throws WireException {
        assertThat(RefusalCode.of(0)).isNull();
        assertThat(RefusalCode.of(10)).isNull();
        assertThat(RefusalCode.of(65_535)).isNull();
        for (RefusalCode code : RefusalCode.values()) {
            assertThat(RefusalCode.of(code.number())).isEqualTo(code);
        }
        ByteBuffer out = ByteBuffer.allocate(200);
        Wired.sealer(COUNTER).refuseAll(out, RefusalCode.NOT_MEMBER);
        AnswerReader reader = Wired.reader(COUNTER, Wired.TWO_FILES);
        assertThat(Wired.read(reader, List.of(Wired.copy(out.flip()))))
                .containsExactly(new AnswerMessage.AllRefused(RefusalCode.NOT_MEMBER));
        assertThat(reader.isOver()).isTrue();
    }
}
