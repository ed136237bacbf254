package io.filereplication.wire;

import io.filereplication.Membership;
import io.filereplication.NodeId;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that peers opened with this node. They are in memory only and die with the process.
 *
 * <p>Thread-safe; nothing blocks, and no MAC is computed while the lock is held. A hello without a valid tag stores nothing.
 * Sessions whose client has not yet proven itself with a request, or is not a member, are few and short, and never displace a
 * proven one of a member, nor one of which the handshake may still be under way: who finds no room is told so. A hello opens one
 * session at most, as long as it is remembered; so what somebody recorded of this process's hellos is of no use, and what was
 * recorded before it is used up.
 */
public final class ServerSessions {
    /** Most sessions that wait for the first request of a member. */
    public static final int MAX_UNPROVEN = 256;
    /** The same for one claimed node. */
    public static final int MAX_UNPROVEN_PER_NODE = 16;
    /** Most proven sessions; the one that was idle longest makes room. */
    public static final int MAX_PROVEN = 1_024;
    /** The same for one node. */
    public static final int MAX_PROVEN_PER_NODE = 8;

    /** How long a handshake has to itself: within it, nothing that comes later takes its place. */
    static final long UNDER_WAY_NANOS = TimeUnit.SECONDS.toNanos(5);

    static final long UNPROVEN_NANOS = TimeUnit.SECONDS.toNanos(30);
    static final long MAX_AGE_NANOS = TimeUnit.HOURS.toNanos(1);
    static final long MAX_REQUESTS = 4_000_000;

    private final Credentials credentials;
    private final Membership members;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final ClusterSecret decoy;
    private final Map<SessionId, ServerSession> unproven = new LinkedHashMap<>();
    private final Map<SessionId, ServerSession> proven = new LinkedHashMap<>();
    private final HeardHellos heard = new HeardHellos();

    /**
     * No sessions yet.
     *
     * @param members whose proven sessions are kept
     * @param nanoTime a monotonic clock
     * @param random cryptographically strong and thread-safe
     */
    public ServerSessions(Credentials credentials, Membership members, LongSupplier nanoTime, RandomGenerator random) {
        this.credentials = credentials;
        this.members = members;
        this.nanoTime = nanoTime;
        this.random = random;
        byte[] nobodys = new byte[ClusterSecrets.MIN_SECRET_BYTES];
        random.nextBytes(nobodys);
        this.decoy = new ClusterSecret("decoy", nobodys);
    }

    /** Whether the message begins as ours do. Whatever does is ours to answer, and be it with the uniform refusal. */
    public static boolean isOurs(ByteBuffer message) {
        return message.remaining() >= Integer.BYTES && message.slice().getInt() == Protocol.MAGIC;
    }

    /** The kind that the message says it is, or null when it is none that this build knows. */
    public static @Nullable MessageKind kindOf(ByteBuffer message) {
        if (message.remaining() < Protocol.PREAMBLE_BYTES || !isOurs(message)) {
            return null;
        }
        return MessageKind.of(message.slice().get(5) & 0xff);
    }

    /**
     * The answer to a hello: a new session, or that there is no version in common, or no room.
     *
     * @throws WireException when it gets the uniform refusal; nothing was stored
     */
    public AnsweredHello answerHello(ByteBuffer message) throws WireException {
        Hello hello = Hello.read(message);
        ClusterSecret named = credentials.secrets().find(hello.keyId);
        // The same work for a key id that is not accepted: how long a refusal takes does not tell which ids are.
        ClusterSecret secret = named == null ? decoy : named;
        KeySchedule schedule = new KeySchedule(secret, credentials.asServerOf(hello.client));
        boolean genuine = hello.isTaggedWith(schedule.helloKey(hello.nonce()));
        if (named == null) {
            throw new ForgedMessageException(ProofFailure.UNKNOWN_KEY, "A hello names a key id that is not accepted");
        }
        if (!genuine) {
            throw new ForgedMessageException(ProofFailure.HELLO_TAG, "The tag of a hello does not verify");
        }
        byte[] nonce = new byte[Protocol.NONCE_BYTES];
        random.nextBytes(nonce);
        int version = Math.min(hello.maxVersion, Protocol.MAX_VERSION);
        if (version < Math.max(hello.minVersion, Protocol.MIN_VERSION)) {
            return withoutSession(HelloAnswer.NO_VERSION, hello, nonce, schedule);
        }
        SessionId id = new SessionId(random.nextLong(), random.nextLong());
        SessionKeys keys = schedule.sessionKeys(version, hello.nonce(), nonce, id);
        byte[] answer = HelloAnswer.write(hello, nonce, id, version, schedule.helloAnswerKey(hello.nonce(), nonce));
        ServerSession session = new ServerSession(id, secret, version, keys, nanoTime.getAsLong(), hello, answer);
        ServerSession stored = store(session);
        return stored == null
                ? withoutSession(HelloAnswer.NO_ROOM, hello, nonce, schedule)
                : answered(stored.answer, stored == session);
    }

    private static AnsweredHello withoutSession(int why, Hello hello, byte[] nonce, KeySchedule schedule) {
        SecretKeySpec key = schedule.helloAnswerKey(hello.nonce(), nonce);
        return answered(HelloAnswer.write(hello, nonce, HelloAnswer.NO_SESSION, why, key), false);
    }

    private static AnsweredHello answered(byte[] answer, boolean opensSession) {
        return new AnsweredHello(ByteBuffer.wrap(answer).asReadOnlyBuffer(), opensSession);
    }

    /**
     * Keeps the session and returns it; for a hello whose session waits for its first request, that one. Null when there is no
     * room.
     */
    private synchronized @Nullable ServerSession store(ServerSession session) throws ForgedMessageException {
        expire();
        ServerSession before = unproven.values().stream()
                .filter(other -> other.client.equals(session.client) && other.hello.hasNonce(session.hello.nonce()))
                .findFirst()
                .orElse(null);
        if (before != null) {
            return before;
        }
        if (heard.contains(session.hello.nonce())) {
            throw new ForgedMessageException(ProofFailure.REPEATED_HELLO, "A hello was repeated after its session");
        }
        if (!makeRoomForUnproven(session.client)) {
            return null;
        }
        heard.add(session.hello.nonce());
        unproven.put(session.id, session);
        return session;
    }

    /** Whether there is room, after the oldest that has had time enough to prove itself made way if need be. */
    private boolean makeRoomForUnproven(NodeId client) {
        long ofClient = unproven.values().stream()
                .filter(session -> session.client.equals(client))
                .count();
        boolean full = ofClient >= MAX_UNPROVEN_PER_NODE;
        if (!full && unproven.size() < MAX_UNPROVEN) {
            return true;
        }
        long now = nanoTime.getAsLong();
        // In the order in which they came, so the first is the oldest.
        return unproven.values().stream()
                .filter(session -> !full || session.client.equals(client))
                .findFirst()
                .filter(oldest -> now - oldest.unprovenSinceNanos >= UNDER_WAY_NANOS)
                .map(oldest -> unproven.remove(oldest.id))
                .isPresent();
    }

    /**
     * The request in {@code message}, whose sender has proven the secret in a session that lives, with a counter that was
     * not used before. Its items are still to be read. A member's session is kept from now on; anybody else's stays among the
     * few, or goes back there, so that one who becomes a member goes on in it, and one who does not leaves no trace for long.
     *
     * @throws WireException when it gets the uniform refusal
     */
    public ProvenRequest open(ByteBuffer message) throws WireException {
        ByteBuffer request = message.slice();
        int bytes = request.limit();
        if (bytes < Protocol.REQUEST_HEADER_BYTES + Protocol.TAG_BYTES || bytes > Protocol.MAX_REQUEST_BYTES) {
            throw new MalformedMessageException("A request of " + bytes + " bytes");
        }
        FieldReader fields = new FieldReader(request);
        int version = fields.preamble(MessageKind.REQUEST);
        int count = fields.u16();
        SessionId id = fields.sessionId();
        long counter = fields.i64();
        ServerSession session = find(id);
        int end = bytes - Protocol.TAG_BYTES;
        if (!session.keys.tagger(MessageKind.REQUEST).update(request, 0, end).matches(request, end)) {
            throw new ForgedMessageException(ProofFailure.REQUEST_TAG, "The tag of a request does not verify");
        }
        prove(session, counter, members.members());
        ByteBuffer body = request.slice(Protocol.REQUEST_HEADER_BYTES, end - Protocol.REQUEST_HEADER_BYTES);
        AnswerSealer sealer = new AnswerSealer(session.version, id, counter, session.keys);
        return new ProvenRequest(session.client, version == session.version, count, body, sealer);
    }

    private ServerSession find(SessionId id) throws ForgedMessageException {
        ServerSession session;
        synchronized (this) {
            session = proven.get(id);
            session = session == null ? unproven.get(id) : session;
            if (session != null && isOver(session)) {
                drop(id);
                session = null;
            }
        }
        if (session == null) {
            throw new ForgedMessageException(
                    ProofFailure.UNKNOWN_SESSION, "A request names a session that does not exist");
        }
        if (!credentials.secrets().accepts(session.secret)) {
            drop(id);
            throw new ForgedMessageException(
                    ProofFailure.WITHDRAWN_SECRET,
                    "A request's session began with a secret that is not accepted any more");
        }
        return session;
    }

    private synchronized void drop(SessionId id) {
        unproven.remove(id);
        proven.remove(id);
    }

    private synchronized void prove(ServerSession session, long counter, Set<NodeId> now)
            throws ForgedMessageException {
        boolean waits = unproven.containsKey(session.id);
        if (!waits && !proven.containsKey(session.id)) {
            throw new ForgedMessageException(ProofFailure.UNKNOWN_SESSION, "A request's session ended meanwhile");
        }
        if (!session.window.accept(counter)) {
            throw new ForgedMessageException(ProofFailure.REPEATED_COUNTER, "A request's counter was used before");
        }
        session.usedNanos = nanoTime.getAsLong();
        session.requests++;
        boolean member = now.contains(session.client);
        if (waits && member) {
            unproven.remove(session.id);
            makeRoomForProven(session.client);
            proven.put(session.id, session);
        } else if (!waits && !member && !now.isEmpty()) {
            // It was removed. Nobody is known to be, while there is no configuration.
            proven.remove(session.id);
            session.unprovenSinceNanos = session.usedNanos;
            if (makeRoomForUnproven(session.client)) {
                unproven.put(session.id, session);
            }
        }
    }

    /** Removes the session idle longest of the client, or of all, when there is no room for one more. */
    private void makeRoomForProven(NodeId client) {
        long ofClient =
                proven.values().stream().filter(s -> s.client.equals(client)).count();
        if (ofClient >= MAX_PROVEN_PER_NODE || proven.size() >= MAX_PROVEN) {
            boolean any = ofClient < MAX_PROVEN_PER_NODE;
            proven.values().stream()
                    .filter(s -> any || s.client.equals(client))
                    .min(Comparator.comparingLong(s -> s.usedNanos))
                    .ifPresent(idle -> proven.remove(idle.id));
        }
    }

    private void expire() {
        unproven.values().removeIf(this::isOver);
        proven.values().removeIf(this::isOver);
    }

    private boolean isOver(ServerSession session) {
        long now = nanoTime.getAsLong();
        return session.requests >= MAX_REQUESTS
                || now - session.begunNanos > MAX_AGE_NANOS
                || (now - session.unprovenSinceNanos > UNPROVEN_NANOS && !proven.containsKey(session.id));
    }

    /** How many sessions members have proven; one of a member that was removed counts until its next request. */
    public synchronized int proven() {
        expire();
        return proven.size();
    }

    /** How many sessions each member has proven. */
    public synchronized Map<NodeId, Integer> provenByNode() {
        expire();
        Map<NodeId, Integer> counts = new HashMap<>();
        proven.values().forEach(session -> counts.merge(session.client, 1, Integer::sum));
        return counts;
    }

    /** How many sessions wait for the first request of a member. */
    public synchronized int unproven() {
        expire();
        return unproven.size();
    }

    @Override
    public String toString() {
        return "sessions of " + credentials.self();
    }
}
