package io.filereplication.wire;

import io.filereplication.NodeId;
import io.filereplication.loopback.ServingNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A member that knows the secret and makes requests which no version of ours would make, under valid tags. */
final class RawRequest {
    private static final NodeId CLIENT = NodeId.of("n1");

    private final ServingNode node;
    private final SessionId id;
    private final SessionKeys keys;
    private long counter;

    RawRequest(ServingNode node, Random random) throws IOException, WireException {
        this.node = node;
        ByteBuffer hello = new ClientHandshake(ServingNode.credentials(CLIENT), node.id, random).hello();
        HelloAnswer answer = HelloAnswer.read(serve(hello).get(0));
        this.id = answer.sessionId;
        this.keys = new KeySchedule(
                        ServingNode.secrets().primary(),
                        ServingNode.credentials(CLIENT).asClientOf(node.id))
                .sessionKeys(1, Hello.read(hello).nonce(), answer.nonce(), id);
    }

    private List<ByteBuffer> serve(ByteBuffer message) throws IOException {
        List<ByteBuffer> packets = new ArrayList<>();
        node.server()
                .serve(
                        message,
                        packet -> packets.add(ByteBuffer.allocate(packet.remaining())
                                .put(packet)
                                .flip()));
        return packets;
    }

    /** What is answered to a request for {@code wanted} that names {@code path} instead, whatever that is. */
    List<AnswerMessage> answerTo(String path, WantedRange wanted) throws IOException, WireException {
        return answerTo(1, 1, item(0, path.getBytes(StandardCharsets.UTF_8), wanted), wanted);
    }

    /** What is answered to a request that has this version, says that it has so many files, and has this body. */
    List<AnswerMessage> answerTo(int version, int count, byte[] body, WantedRange wanted)
            throws IOException, WireException {
        List<ByteBuffer> packets = serve(version, count, ++counter, body);
        AnswerReader reader = new AnswerReader(1, id, counter, keys, List.of(wanted));
        return Wired.read(reader, packets.stream().map(Wired::copy).toList());
    }

    /** The bytes of one item. */
    static byte[] item(int flags, byte[] path, WantedRange wanted) {
        ByteBuffer item = ByteBuffer.allocate(71 + path.length);
        item.put((byte) flags).putShort((short) path.length).put(path);
        item.putLong(wanted.version().contentLsn().index())
                .putInt(wanted.version().contentLsn().ordinal());
        wanted.sha256().write(item);
        item.putLong(wanted.sizeBytes()).putLong(wanted.offset()).putLong(wanted.length());
        return item.array();
    }

    /** What is answered to a request whose one item these bytes are. */
    List<ByteBuffer> serveItem(byte[] item) throws IOException {
        return serve(1, 1, ++counter, item);
    }

    /** What is answered to a request with a counter that is not the next. */
    List<ByteBuffer> serveWithCounter(long other, byte[] item) throws IOException {
        return serve(1, 1, other, item);
    }

    /** The last counter that was used. */
    long counter() {
        return counter;
    }

    private List<ByteBuffer> serve(int version, int count, long number, byte[] body) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(Protocol.REQUEST_HEADER_BYTES + body.length + Protocol.TAG_BYTES);
        out.putInt(Protocol.MAGIC)
                .put((byte) version)
                .put((byte) MessageKind.REQUEST.code())
                .putShort((short) count);
        id.write(out);
        out.putLong(number).put(body);
        keys.tagger(MessageKind.REQUEST).update(out, 0, out.position()).finish(out);
        return serve(out.flip());
    }
}
