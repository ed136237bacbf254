package io.filereplication.wire;

import java.nio.ByteBuffer;

/** A server of a build with which this one has no protocol version in common. For tests of whoever asks it. */
public final class OtherBuild {
    private OtherBuild() {}

    /** The authentic answer to {@code hello} that says so. */
    public static ByteBuffer answerHello(Credentials server, ByteBuffer hello) throws WireException {
        Hello said = Hello.read(hello);
        KeySchedule schedule = new KeySchedule(server.secrets().primary(), server.asServerOf(said.client));
        byte[] nonce = new byte[Protocol.NONCE_BYTES];
        return ByteBuffer.wrap(HelloAnswer.write(
                said,
                nonce,
                new SessionId(0, 0),
                HelloAnswer.NO_VERSION,
                schedule.helloAnswerKey(said.nonce(), nonce)));
    }
}
