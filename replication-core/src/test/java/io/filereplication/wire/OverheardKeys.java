package io.filereplication.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The keys of sessions of which somebody who knows the secret has overheard the handshakes. For tests that look for them. */
public final class OverheardKeys {
    private OverheardKeys() {}

    /**
     * Every key of every session that was opened by a hello in {@code fromClient} and an answer in {@code fromServer}, in
     * whatever else these bytes are embedded.
     */
    public static List<byte[]> of(ClusterSecrets secrets, Credentials server, byte[] fromClient, byte[] fromServer)
            throws WireException {
        List<byte[]> keys = new ArrayList<>();
        for (ByteBuffer said : messages(fromClient, MessageKind.HELLO)) {
            Hello hello = hello(said);
            ClusterSecret secret = hello == null ? null : secrets.find(hello.keyId);
            if (hello == null || secret == null) {
                continue;
            }
            KeySchedule schedule = new KeySchedule(secret, server.asServerOf(hello.client));
            keys.add(schedule.helloKey(hello.nonce()).getEncoded());
            for (ByteBuffer answered : messages(fromServer, MessageKind.HELLO_ANSWER)) {
                if (answered.remaining() < HelloAnswer.BYTES) {
                    continue;
                }
                ByteBuffer whole = answered.slice(0, HelloAnswer.BYTES);
                HelloAnswer answer = HelloAnswer.read(whole);
                var answerKey = schedule.helloAnswerKey(hello.nonce(), answer.nonce());
                if (HelloAnswer.isTaggedWith(answerKey, hello, whole)) {
                    keys.add(answerKey.getEncoded());
                    SessionKeys session =
                            schedule.sessionKeys(answer.version, hello.nonce(), answer.nonce(), answer.sessionId);
                    SessionKeys.KINDS.forEach(kind -> keys.add(session.key(kind).getEncoded()));
                }
            }
        }
        return keys;
    }

    private static Hello hello(ByteBuffer said) {
        try {
            int key = said.get(40) & 0xff;
            int node = said.get(41 + key) & 0xff;
            return Hello.read(said.slice(0, 42 + key + node + Protocol.TAG_BYTES));
        } catch (IndexOutOfBoundsException | MalformedMessageException notOne) {
            return null;
        }
    }

    private static List<ByteBuffer> messages(byte[] heard, MessageKind kind) {
        List<ByteBuffer> found = new ArrayList<>();
        ByteBuffer all = ByteBuffer.wrap(heard);
        for (int at = 0; at + Protocol.PREAMBLE_BYTES <= heard.length; at++) {
            if (all.getInt(at) == Protocol.MAGIC && all.get(at + 4) == 1 && all.get(at + 5) == kind.code()) {
                found.add(all.slice(at, heard.length - at));
            }
        }
        return found;
    }
}
