package io.filereplication.wire;

import io.filereplication.NodeId;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import javax.crypto.spec.SecretKeySpec;

/** The client's half of the beginning of a session. Used once, by one thread. */
public final class ClientHandshake {
    private final ClusterSecret secret;
    private final KeySchedule schedule;
    private final NodeId server;
    private final Hello hello;

    /**
     * Begins a session with {@code server}.
     *
     * @param random cryptographically strong: the freshness of the session rests on it
     */
    public ClientHandshake(Credentials credentials, NodeId server, RandomGenerator random) {
        this(credentials, server, random, Protocol.MIN_VERSION, Protocol.MAX_VERSION);
    }

    ClientHandshake(Credentials credentials, NodeId server, RandomGenerator random, int minVersion, int maxVersion) {
        this.secret = credentials.secrets().primary();
        this.schedule = new KeySchedule(secret, credentials.asClientOf(server));
        this.server = server;
        byte[] nonce = new byte[Protocol.NONCE_BYTES];
        random.nextBytes(nonce);
        SecretKeySpec key = schedule.helloKey(nonce);
        this.hello = Hello.write(minVersion, maxVersion, nonce, secret.keyId(), credentials.self(), key);
    }

    /** The message to send. */
    public ByteBuffer hello() {
        return hello.message();
    }

    /**
     * The session that the server's {@code answer} opens. The server knows that we know the secret only with the first
     * request.
     *
     * @throws SessionRefusedException when the server gave the uniform refusal
     * @throws ForgedMessageException when the answer was not made for this hello by somebody who knows the secret
     * @throws NoCommonVersionException when the server speaks none of our versions
     * @throws NoRoomException when it has no room for a session now
     * @throws MalformedMessageException when it is no answer to a hello
     */
    public ClientSession complete(ByteBuffer answer) throws WireException {
        if (Unproven.is(answer)) {
            throw new SessionRefusedException("The peer refused our hello");
        }
        ByteBuffer message = answer.slice();
        HelloAnswer said = HelloAnswer.read(message);
        if (!HelloAnswer.isTaggedWith(schedule.helloAnswerKey(hello.nonce(), said.nonce()), hello, message)) {
            throw new ForgedMessageException(
                    ProofFailure.HELLO_ANSWER_TAG, "The tag of the answer to our hello does not verify");
        }
        if (!said.isConsistent()) {
            throw new MalformedMessageException(
                    "The answer to our hello names a session that it does not open, or none");
        }
        if (said.version == HelloAnswer.NO_VERSION) {
            throw new NoCommonVersionException("We speak the protocol versions " + hello.minVersion + " to "
                    + hello.maxVersion + ", the peer " + said.minVersion + " to " + said.maxVersion);
        }
        if (said.version == HelloAnswer.NO_ROOM) {
            throw new NoRoomException("The peer has no room for another session now");
        }
        if (said.version < hello.minVersion || said.version != Math.min(hello.maxVersion, said.maxVersion)) {
            throw new MalformedMessageException(
                    "The peer chose version " + said.version + ", which is not the highest in common");
        }
        SessionKeys keys = schedule.sessionKeys(said.version, hello.nonce(), said.nonce(), said.sessionId);
        return new ClientSession(secret, server, said.sessionId, said.version, keys);
    }

    @Override
    public String toString() {
        return "handshake with " + server;
    }
}
