package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Attacks on a whole serving node by somebody who knows the secret. Each begins with an honest exchange that succeeds, sees the
 * attack refused inside its session for the expected reason and counted, and ends with the honest exchange succeeding again, in
 * the session that there was and after a fresh handshake; sessions, permits, buffers, threads, open files and tasks are then what
 * they were.
 */
class MemberAdversaryTest extends ServerAdversaryFixture {
    private static final NodeId STRANGER = NodeId.of("n9");

    static Stream<Arguments> lies() {
        byte[] another = SampleFiles.content(2, 2 * MIB + 10);
        return Stream.of(
                Arguments.of(
                        "another version", RefusalCode.NOT_IN_MANIFEST, (Lie) at -> at.like(4, at.content, 0, MIB)),
                Arguments.of("a version to come", RefusalCode.BEHIND, (Lie) at -> at.like(6, at.content, 0, MIB)),
                Arguments.of("another digest", RefusalCode.NOT_IN_MANIFEST, (Lie) at -> at.like(5, another, 0, MIB)),
                Arguments.of(
                        "an offset within a chunk", RefusalCode.BAD_OFFSET, (Lie) at -> at.like(5, at.content, 1, MIB)),
                Arguments.of(
                        "a negative offset", RefusalCode.BAD_OFFSET, (Lie) at -> at.like(5, at.content, -MIB, MIB)),
                Arguments.of("an offset behind the end", RefusalCode.BAD_OFFSET, (Lie)
                        at -> at.like(5, at.content, 3 * MIB, 0)),
                Arguments.of("more than there is", RefusalCode.BAD_OFFSET, (Lie)
                        at -> at.like(5, at.content, 2 * MIB, MIB)));
    }

    private interface Lie {
        WantedRange range(MemberAdversaryTest at);
    }

    private WantedRange like(long index, byte[] bytes, long offset, long length) {
        FileVersion version = new FileVersion(entry.path(), new Lsn(index, 0));
        return new WantedRange(version, SampleFiles.digests(bytes).whole(), bytes.length, offset, length, false);
    }

    /** A member that knows the secret and asks for what it must not get. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void isRefusedInsideItsSession(String name, RefusalCode expected, Lie lie) throws Exception {
        State state = state();
        assertThat(ask(lie.range(this)))
                .containsExactly(new AnswerMessage.Refused(0, expected), new AnswerMessage.Trailer());
        assertThat(node.server().stats().refusals()).containsOnly(Map.entry(expected, 1L));
        assertAllIsAsIn(state);
    }

    /** It knows the secret, but the group does not know it. */
    @ParameterizedTest
    @MethodSource("strangers")
    void whoIsNoMemberGetsNothing(NodeId stranger) throws Exception {
        State state = state();
        ClientSession ours = session;
        ClientHandshake handshake = new ClientHandshake(ServingNode.credentials(stranger), SERVER, random);
        session = handshake.complete(serve(Wired.copy(handshake.hello())).get(0));
        for (int i = 0; i < 2; i++) {
            assertThat(ask(wanted())).containsExactly(new AnswerMessage.AllRefused(RefusalCode.NOT_MEMBER));
        }
        assertThat(node.server().stats().refusals()).containsOnly(Map.entry(RefusalCode.NOT_MEMBER, 2L));
        assertThat(node.server().stats().peers()).containsOnlyKeys(CLIENT);
        // What it opened is all there is of it.
        assertNothingIsLeft(state.with(state.proven(), 1));

        session = ours;
        askHonestly();
        scheduler.advance(Duration.ofSeconds(31));
        assertAllIsAsIn(state);
    }

    /** It was a member, has sessions and knows everything. */
    @Test
    void whoWasRemovedGetsNothing() throws Exception {
        State state = state();
        node.members.remove(CLIENT);
        assertThat(ask(wanted())).containsExactly(new AnswerMessage.AllRefused(RefusalCode.NOT_MEMBER));
        assertThat(node.server().stats().refusals()).containsOnly(Map.entry(RefusalCode.NOT_MEMBER, 1L));
        // Its session is among the few again.
        assertNothingIsLeft(state.with(state.proven() - 1, 1));
        node.members.add(CLIENT);
        askHonestly();
        assertAllIsAsIn(state);
    }

    static Stream<NodeId> strangers() {
        return Stream.of(STRANGER, NodeId.of("n1 "), NodeId.of("N1"));
    }

    static Stream<String> pathTricks() {
        return Stream.of(
                "../b", "/..", "./b", "a//b", "/a", "a/", "a\\b", "a:b", "a\0b", "a\nb", "", ".filereplication/x");
    }

    /** No path leads out of the storage root, or to what is our own, however it is written. */
    @ParameterizedTest
    @MethodSource("pathTricks")
    void aPathThatBreaksTheRulesIsRefused(String path) throws Exception {
        RawRequest member = new RawRequest(node, random);
        assertThat(member.answerTo("a/b", wanted())).hasSize(3);
        State state = state();

        assertThat(member.answerTo(path, wanted()))
                .containsExactly(new AnswerMessage.Refused(0, RefusalCode.INVALID_PATH), new AnswerMessage.Trailer());

        assertThat(node.server().stats().refusals()).containsOnly(Map.entry(RefusalCode.INVALID_PATH, 1L));
        assertThat(member.answerTo("a/b", wanted())).hasSize(3);
        assertAllIsAsIn(state);
    }

    /** A body that somebody with the keys writes, and how many files he says are in it. */
    private record Body(int count, List<byte[]> items) {
        static Body of(int count, byte[]... items) {
            return new Body(count, List.of(items));
        }

        byte[] bytes() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            items.forEach(all::writeBytes);
            return all.toByteArray();
        }
    }

    /** Makes a body out of the bytes of an honest item. */
    private interface Edit {
        Body of(byte[] item);
    }

    private static Arguments body(String name, Edit edit) {
        return Arguments.of(name, edit);
    }

    static Stream<Arguments> senselessRequests() {
        byte[] none = {};
        return Stream.of(
                body("no files", item -> Body.of(0, none)),
                body("no files, and one follows", item -> Body.of(0, item)),
                body("more files than allowed", item -> Body.of(257, copies(257, item))),
                body("65,535 files", item -> Body.of(0xffff, item)),
                body("fewer files than it says", item -> Body.of(2, item)),
                body("more files than it says", item -> Body.of(1, item, item)),
                body("a byte behind the last file", item -> Body.of(1, item, new byte[1])),
                body("a file that is cut off", item -> Body.of(1, Arrays.copyOf(item, item.length - 1))),
                body(
                        "a path that ends behind the request",
                        item -> Body.of(1, with(item, 1, (byte) 0xff, (byte) 0xff))),
                body("a path of a byte more than follows", item -> Body.of(1, with(item, 2, (byte) item.length))),
                body("nine ranges of 1 MiB", item -> Body.of(9, copies(9, item))));
    }

    /** Under a valid tag, and still no request. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("senselessRequests")
    void aRequestThatMakesNoSenseIsRefusedAsAWhole(String name, Edit edit) throws Exception {
        assertRefusedUnderAValidTag(
                1, edit, RefusalCode.MALFORMED, new AnswerMessage.AllRefused(RefusalCode.MALFORMED));
    }

    static Stream<Arguments> senselessItems() {
        return Stream.of(
                Arguments.of("a negative log index", RefusalCode.MALFORMED, item(6, 0x80)),
                Arguments.of("a negative ordinal", RefusalCode.MALFORMED, item(14, 0x80)),
                Arguments.of("a negative size", RefusalCode.MALFORMED, item(50, 0x80)),
                Arguments.of("a negative offset", RefusalCode.BAD_OFFSET, item(58, 0x80)),
                Arguments.of("a negative length", RefusalCode.MALFORMED, item(66, 0x80)),
                Arguments.of("more than 8 MiB", RefusalCode.MALFORMED, item(70, 1)),
                Arguments.of("a report of bad bytes that asks for some", RefusalCode.MALFORMED, item(0, 1)),
                Arguments.of("a flag of a newer version", RefusalCode.VERSION, item(0, 2)),
                Arguments.of("a path of 65,535 bytes", RefusalCode.INVALID_PATH, (Edit) item ->
                        Body.of(1, new byte[] {0, (byte) 0xff, (byte) 0xff}, new byte[0xffff], behindThePath(item))),
                Arguments.of("a path of 3,073 bytes", RefusalCode.INVALID_PATH, (Edit)
                        item -> Body.of(1, new byte[] {0, 12, 1}, new byte[3_073], behindThePath(item))));
    }

    private static Edit item(int at, int value) {
        return item -> Body.of(1, with(item, at, (byte) value));
    }

    /** What follows "a/b". */
    private static byte[] behindThePath(byte[] item) {
        return Arrays.copyOfRange(item, 6, item.length);
    }

    private static byte[] with(byte[] item, int at, byte... values) {
        byte[] edited = item.clone();
        System.arraycopy(values, 0, edited, at, values.length);
        return edited;
    }

    private static byte[][] copies(int count, byte[] item) {
        byte[][] copies = new byte[count][];
        Arrays.fill(copies, item);
        return copies;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("senselessItems")
    void aFileThatMakesNoSenseIsRefused(String name, RefusalCode expected, Edit edit) throws Exception {
        assertRefusedUnderAValidTag(
                1, edit, expected, new AnswerMessage.Refused(0, expected), new AnswerMessage.Trailer());
    }

    /** A newer peer is told so, and not dropped like a stranger. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 255})
    void aRequestOfAnotherVersionIsRefusedAsSuch(int version) throws Exception {
        assertRefusedUnderAValidTag(
                version,
                item -> Body.of(1, item),
                RefusalCode.VERSION,
                new AnswerMessage.AllRefused(RefusalCode.VERSION));
    }

    private void assertRefusedUnderAValidTag(int version, Edit edit, RefusalCode expected, AnswerMessage... answer)
            throws IOException, WireException {
        RawRequest member = new RawRequest(node, random);
        byte[] honest = RawRequest.item(0, entry.path().toUtf8(), wanted());
        assertThat(member.answerTo(1, 1, honest, wanted())).hasSize(3);
        State state = state();
        Body body = edit.of(honest);

        assertThat(member.answerTo(version, body.count(), body.bytes(), wanted()))
                .containsExactly(answer);

        assertThat(node.server().stats().refusals()).containsOnly(Map.entry(expected, 1L));
        assertThat(node.server().stats().authFailures()).isEmpty();
        assertNothingIsLeft(state);
        assertThat(member.answerTo(1, 1, honest, wanted())).hasSize(3);
        assertAllIsAsIn(state);
    }
}
