package io.filereplication.wire;

import io.filereplication.NodeId;

/** A session as the server knows it. Guarded by {@link ServerSessions}, except for what never changes. */
final class ServerSession {
    final SessionId id;
    final NodeId client;
    final ClusterSecret secret;
    final int version;
    final SessionKeys keys;
    final long begunNanos;
    final Hello hello;
    final byte[] answer;
    final ReplayWindow window = new ReplayWindow();
    /** Since when it is not, or no more, one of a member that has proven it. */
    long unprovenSinceNanos;

    long usedNanos;
    long requests;

    ServerSession(
            SessionId id,
            ClusterSecret secret,
            int version,
            SessionKeys keys,
            long begunNanos,
            Hello hello,
            byte[] answer) {
        this.id = id;
        this.client = hello.client;
        this.secret = secret;
        this.version = version;
        this.keys = keys;
        this.begunNanos = begunNanos;
        this.unprovenSinceNanos = begunNanos;
        this.usedNanos = begunNanos;
        this.hello = hello;
        this.answer = answer;
    }
}
