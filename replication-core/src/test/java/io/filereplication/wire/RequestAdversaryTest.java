package io.filereplication.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Somebody between the nodes, or a node that knows the secret and lies. Each attack begins with the unmodified message being
 * accepted and ends with its kind being accepted again, and leaves the sessions as they were.
 */
class RequestAdversaryTest {
    private static final int HEADER = 32;

    private final Wired wired = new Wired();
    private ClientSession session;

    @BeforeEach
    void connect() throws WireException {
        session = wired.connect();
        wired.server.open(Wired.request(session));
    }

    private byte[] fresh() {
        return Wired.copy(Wired.request(session));
    }

    private void assertRefused(UnaryOperator<byte[]> attack, Class<? extends WireException> reason)
            throws WireException {
        wired.server.open(ByteBuffer.wrap(fresh()));
        int proven = wired.server.proven();
        int unproven = wired.server.unproven();
        ByteBuffer attacked = ByteBuffer.wrap(attack.apply(fresh()));
        assertThatThrownBy(() -> wired.server.open(attacked)).isExactlyInstanceOf(reason);
        wired.server.open(ByteBuffer.wrap(fresh()));
        assertThat(wired.server.proven()).isEqualTo(proven);
        assertThat(wired.server.unproven()).isEqualTo(unproven);
    }

    /** Lesson 23: every field is covered. The item begins at 32: flags, path length, path "a/b", then the rest. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "version, 4",
        "item count, 7",
        "session, 8",
        "counter, 31",
        "flags, 32",
        "path length, 34",
        "path, 35",
        "log index, 45",
        "ordinal, 49",
        "digest, 50",
        "size, 89",
        "offset, 97",
        "length, 105",
        "tag, 106"
    })
    void aChangedFieldIsRefused(String field, int at) throws WireException {
        assertRefused(
                message -> {
                    message[at] ^= 1;
                    return message;
                },
                ForgedMessageException.class);
    }

    /** Lesson 23: no request is accepted twice. */
    @Test
    void aReplayedRequestIsRefused() throws WireException {
        byte[] heard = fresh();
        wired.server.open(ByteBuffer.wrap(heard));
        assertRefused(message -> heard, ForgedMessageException.class);
    }

    @Test
    void aRequestReplayedIntoAnotherSessionIsRefused() throws WireException {
        byte[] heard = fresh();
        session = wired.connect();
        wired.server.open(ByteBuffer.wrap(fresh()));
        assertRefused(
                message -> {
                    byte[] moved = heard.clone();
                    System.arraycopy(message, 8, moved, 8, 16);
                    return moved;
                },
                ForgedMessageException.class);
    }

    @Test
    void aRequestReplayedAfterARestartIsRefused() throws WireException {
        byte[] heard = fresh();
        wired.server.open(ByteBuffer.wrap(heard));
        wired.server = wired.newServer();
        session = wired.connect();
        wired.server.open(ByteBuffer.wrap(fresh()));
        assertRefused(message -> heard, ForgedMessageException.class);
    }

    @Test
    void aCounterThatIsTooOldIsRefused() throws WireException {
        byte[] held = fresh();
        for (int i = 0; i < ReplayWindow.WIDTH; i++) {
            fresh();
        }
        assertRefused(message -> held, ForgedMessageException.class);
    }

    /** Lesson 24: a MAC of one kind is valid for no other. */
    @Test
    void anAnswersTagIsNoRequestsTag() throws WireException {
        SessionKeys keys = Wired.keys(10);
        ByteBuffer body = ByteBuffer.wrap(Wired.bytes(50, 1));
        for (MessageKind kind : SessionKeys.KINDS) {
            ByteBuffer tag = ByteBuffer.allocate(Protocol.TAG_BYTES);
            keys.tagger(kind).update(body, 0, 50).finish(tag);
            for (MessageKind other : SessionKeys.KINDS) {
                assertThat(keys.tagger(other).update(body, 0, 50).matches(tag, 0))
                        .isEqualTo(kind == other);
            }
        }
        assertRefused(
                message -> {
                    message[5] = (byte) MessageKind.FRAME.code();
                    return message;
                },
                MalformedMessageException.class);
    }

    @Test
    void everyTruncatedRequestIsRefused() throws WireException {
        int length = fresh().length;
        for (int cut = 0; cut < length; cut++) {
            int bytes = cut;
            assertRefused(
                    message -> Arrays.copyOf(message, bytes),
                    cut < HEADER + Protocol.TAG_BYTES ? MalformedMessageException.class : ForgedMessageException.class);
        }
        assertRefused(message -> Arrays.copyOf(message, length + 1), ForgedMessageException.class);
        assertRefused(
                message -> Arrays.copyOf(message, Protocol.MAX_REQUEST_BYTES + 1), MalformedMessageException.class);
    }

    @Test
    void everyFlippedBitOfARequestIsRefused() throws WireException {
        int length = fresh().length;
        for (int bit = 0; bit < length * 8; bit++) {
            int at = bit / 8;
            int mask = 1 << bit % 8;
            boolean magicOrKind = at < 4 || at == 5;
            assertRefused(
                    message -> {
                        message[at] ^= (byte) mask;
                        return message;
                    },
                    magicOrKind ? MalformedMessageException.class : ForgedMessageException.class);
        }
    }

    @Test
    void theLargestRequestIsAcceptedAndAnyLargerCannotBeMade() throws WireException {
        String path = String.join("/", Collections.nCopies(12, "x".repeat(255)));
        WantedRange longest = new WantedRange(
                new FileVersion(FilePath.of(path), new Lsn(1, 0)), Wired.sha256(1), 32_768, 0, 32_768, false);
        List<WantedRange> most = Collections.nCopies(Protocol.MAX_ITEMS, longest);

        assertThat(wired.server.open(session.request(most).message()).items()).hasSize(256);

        List<WantedRange> more = new ArrayList<>(most);
        more.add(longest);
        assertThatThrownBy(() -> session.request(more)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> session.request(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    /** A peer that knows the secret and sends what no version allows is refused by type, and crashes nobody. */
    @Test
    void whatAnAuthenticPeerSendsIsStillChecked() throws WireException {
        assertItem(message -> message[HEADER] = 2, RefusalCode.VERSION);
        assertItem(message -> message[HEADER + 3] = '/', RefusalCode.INVALID_PATH);
        assertItem(message -> message[HEADER + 3] = (byte) 0xff, RefusalCode.INVALID_PATH);
        assertItem(message -> message[HEADER + 6] = (byte) 0x80, RefusalCode.MALFORMED);
        assertItem(message -> message[HEADER + 14] = (byte) 0x80, RefusalCode.MALFORMED);
        assertItem(message -> message[HEADER + 50] = (byte) 0x80, RefusalCode.MALFORMED);
        assertItem(message -> message[HEADER + 66] = (byte) 0x40, RefusalCode.MALFORMED);
    }

    /** A report of bad bytes asks for none. The item's length at 66 is 10, its offset ends at 65. */
    @Test
    void aReportOfBadBytesThatAsksForBytesIsMalformed() throws WireException {
        Edit report = message -> {
            message[HEADER] = 1;
            message[HEADER + 73] = 0;
        };
        FileVersion version = new FileVersion(FilePath.of("a/b"), new Lsn(7, 1));
        assertThat(itemOf(report)).isEqualTo(new WantedRange(version, Wired.sha256(3), 10, 0, 0, true));
        assertItem(message -> message[HEADER] = 1, RefusalCode.MALFORMED);
        assertItem(
                message -> {
                    report.apply(message);
                    message[HEADER + 63] = 0x10;
                },
                RefusalCode.MALFORMED);
        assertThat(itemOf(report)).isInstanceOf(WantedRange.class);
        assertThatThrownBy(() -> new WantedRange(version, Wired.sha256(3), 10, 0, 10, true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** What is longer than any path is passed over: it spoils no other item, and nothing is made of it. */
    @ParameterizedTest
    @ValueSource(ints = {3_073, 0x7fff, 0x8000, 0xffff})
    void aPathThatIsTooLongSpoilsNoOtherItem(int bytes) throws WireException {
        WantedRange wanted = Wired.wanted("a/b", 10);
        assertThat(itemsWithAPathOf(3, wanted).get(0)).isEqualTo(wanted);
        assertThat(itemsWithAPathOf(bytes, wanted))
                .containsExactly(new RequestedItem.Unacceptable(RefusalCode.INVALID_PATH), wanted);
        assertThat(itemsWithAPathOf(FilePath.MAX_BYTES, wanted).get(1)).isEqualTo(wanted);
    }

    private static List<RequestedItem> itemsWithAPathOf(int bytes, WantedRange wanted)
            throws MalformedMessageException {
        ByteBuffer request = RequestCodec.write(
                1, new SessionId(5, 6), 1, List.of(wanted), Wired.keys(10).tagger(MessageKind.REQUEST));
        ByteBuffer item = request.slice(HEADER, request.limit() - HEADER - Protocol.TAG_BYTES);
        ByteBuffer body = ByteBuffer.allocate(2 * item.limit() + bytes);
        body.put((byte) 0).putShort((short) bytes).put(bytes == 3 ? "a/b".getBytes(UTF_8) : new byte[bytes]);
        body.put(item.slice(6, item.limit() - 6)).put(item);
        return RequestCodec.read(2, body.flip());
    }

    @Test
    void anAuthenticRequestWithAWrongCountOrLengthIsMalformed() throws WireException {
        assertMalformed(message -> message[7] = 0);
        assertMalformed(message -> message[7] = 2);
        assertMalformed(message -> message[6] = 9);
        assertMalformed(message -> message[HEADER + 1] = (byte) 0xff);
        assertMalformed(message -> message[HEADER + 2] = 2);
    }

    @Test
    void arbitraryBytesAreRefusedByType() throws WireException {
        wired.server.open(ByteBuffer.wrap(fresh()));
        int unproven = wired.server.unproven();
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            if (noise.length >= 8 && i % 2 == 0) {
                ByteBuffer.wrap(noise).putInt(Protocol.MAGIC).put((byte) 1).put((byte) (i % 11));
            }
            ByteBuffer message = ByteBuffer.wrap(noise);
            assertThatThrownBy(() -> wired.server.open(message)).isInstanceOf(WireException.class);
            assertThatThrownBy(() -> wired.server.answerHello(message)).isInstanceOf(WireException.class);
            assertThatThrownBy(() -> wired.hello().complete(message)).isInstanceOf(WireException.class);
            ServerSessions.kindOf(message);
        }
        wired.server.open(ByteBuffer.wrap(fresh()));
        assertThat(wired.server.proven()).isEqualTo(1);
        assertThat(wired.server.unproven()).isEqualTo(unproven);
    }

    private interface Edit {
        void apply(byte[] message);
    }

    private static void assertItem(Edit edit, RefusalCode expected) throws WireException {
        assertThat(itemOf(message -> {})).isEqualTo(Wired.wanted("a/b", 10));
        assertThat(itemOf(edit)).isEqualTo(new RequestedItem.Unacceptable(expected));
        assertThat(itemOf(message -> {})).isEqualTo(Wired.wanted("a/b", 10));
    }

    private static void assertMalformed(Edit edit) throws WireException {
        assertThat(itemOf(message -> {})).isEqualTo(Wired.wanted("a/b", 10));
        assertThatThrownBy(() -> itemOf(edit)).isInstanceOf(MalformedMessageException.class);
        assertThat(itemOf(message -> {})).isEqualTo(Wired.wanted("a/b", 10));
    }

    /** What the one item of a request is taken for that somebody with the keys has edited and tagged again. */
    private static RequestedItem itemOf(Edit edit) throws MalformedMessageException {
        SessionKeys keys = Wired.keys(10);
        ByteBuffer request = RequestCodec.write(
                1, new SessionId(5, 6), 1, List.of(Wired.wanted("a/b", 10)), keys.tagger(MessageKind.REQUEST));
        byte[] message = Wired.copy(request);
        edit.apply(message);
        ByteBuffer all = ByteBuffer.wrap(message);
        ByteBuffer body = all.slice(HEADER, message.length - HEADER - Protocol.TAG_BYTES);
        return RequestCodec.read(all.getShort(6) & 0xffff, body).get(0);
    }
}
