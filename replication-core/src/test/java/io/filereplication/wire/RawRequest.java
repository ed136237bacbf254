package io.filereplication.wire;

import io.filereplication.NodeId;
import io.filereplication.Sha256;
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

    RawRequest(ServingNode node, Random random) throws IOException, WireException {
        this.node = node;
        ByteBuffer hello = new ClientHandshake(ServingNode.credentials(CLIENT), node.id, random).hello();
        HelloAnswer answer = HelloAnswer.read(serve(hello).get(0));
        this.id = answer.sessionId;
        this.keys = new KeySchedule(
                        ServingNode.secrets().primary(), ServingNode.credentials(CLIENT).asClientOf(node.id))
                .sessionKeys(1, Hello.read(hello).nonce(), answer.nonce(), id);
    }

    private List<ByteBuffer> serve(ByteBuffer message) throws IOException {
        List<ByteBuffer> packets = new ArrayList<>();
        node.server().serve(message, packet -> packets.add(
                ByteBuffer.allocate(packet.remaining()).put(packet).flip()));
        return packets;
    }

    /** What is answered to a request for one byte of {@code path}, whatever that is. */
    List<AnswerMessage> answerTo(String path) throws IOException, WireException {
        byte[] utf8 = path.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(1_000);
        out.putInt(Protocol.MAGIC).put((byte) 1).put((byte) MessageKind.REQUEST.code()).putShort((short) 1);
        id.write(out);
        out.putLong(1).put((byte) 0).putShort((short) utf8.length).put(utf8).putLong(5).putInt(0);
        Sha256.OF_EMPTY.write(out);
        out.putLong(10).putLong(0).putLong(10);
        keys.tagger(MessageKind.REQUEST).update(out, 0, out.position()).finish(out);
        // The reader only counts items: what was asked for does not matter to a refusal.
        AnswerReader reader = new AnswerReader(1, id, 1, keys, List.of(Wired.wanted("a", 10)));
        return Wired.read(
                reader, serve(out.flip()).stream().map(Wired::copy).toList());
    }
}
