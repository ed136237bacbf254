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
        byte[] utf8 = path.getBytes(StandardCharsets.UTF_8);
        ByteBuffer item = ByteBuffer.allocate(1_000);
        item.put((byte) 0).putShort((short) utf8.length).put(utf8);
        item.putLong(wanted.version().contentLsn().index())
                .putInt(wanted.version().contentLsn().ordinal());
        wanted.sha256().write(item);
        item.putLong(wanted.sizeBytes()).putLong(wanted.offset()).putLong(wanted.length());
        byte[] bytes = Wired.copy(item.flip());
        List<ByteBuffer> packets = serveItem(bytes);
        AnswerReader reader = new AnswerReader(1, id, counter, keys, List.of(wanted));
        return Wired.read(reader, packets.stream().map(Wired::copy).toList());
    }

    /** What is answered to a request whose one item these bytes are. */
    List<ByteBuffer> serveItem(byte[] item) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(Protocol.REQUEST_HEADER_BYTES + item.length + Protocol.TAG_BYTES);
        out.putInt(Protocol.MAGIC)
                .put((byte) 1)
                .put((byte) MessageKind.REQUEST.code())
                .putShort((short) 1);
        id.write(out);
        out.putLong(++counter).put(item);
        keys.tagger(MessageKind.REQUEST).update(out, 0, out.position()).finish(out);
        return serve(out.flip());
    }
}
