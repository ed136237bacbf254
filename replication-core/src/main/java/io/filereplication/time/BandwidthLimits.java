package io.filereplication.time;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How many bytes per second may go one way: over all peers of a node, and with each of them. Absent is unlimited, which is
 * how it begins; both may be changed at any time and apply to transfers under way.
 *
 * <p>Thread-safe; nothing blocks. A share may be overdrawn by one take, so that a chunk needs no share of its own size; what
 * was overdrawn is waited for before the next.
 *
 * @param <K> what peers are called
 */
public final class BandwidthLimits<K> {
    /** Shares kept for peers at once; idle ones are forgotten beyond that. */
    private static final int MAX_PEERS = 1_024;

    private static final double NANOS_PER_SECOND = 1e9;
    /** What an idle transfer may save up, in seconds of its rate. */
    private static final double SAVED_SECONDS = 0.1;

    private final Ticker ticker;
    private final Map<K, Share> peers = new HashMap<>();
    private final Share node;
    private double perPeer = Double.POSITIVE_INFINITY;

    /** No limits. */
    public BandwidthLimits(Ticker ticker) {
        this.ticker = ticker;
        this.node = new Share(ticker.nanoTime());
    }

    /** Limits all peers together. Throws {@link IllegalArgumentException} when the limit is not positive. */
    public synchronized void limitNode(OptionalLong bytesPerSecond) {
        double rate = rate(bytesPerSecond);
        node.settle(ticker.nanoTime());
        node.rate = rate;
    }

    /** Limits each peer. Throws {@link IllegalArgumentException} when the limit is not positive. */
    public synchronized void limitEachPeer(OptionalLong bytesPerSecond) {
        double rate = rate(bytesPerSecond);
        long now = ticker.nanoTime();
        for (Share share : peers.values()) {
            share.settle(now);
            share.rate = rate;
        }
        perPeer = rate;
    }

    /**
     * Takes {@code bytes} for {@code peer} when they may go now.
     *
     * @return 0 when they were taken; otherwise the nanoseconds after which to ask again, at the latest every second since
     *     a limit may change meanwhile
     */
    public synchronized long take(K peer, int bytes) {
        long now = ticker.nanoTime();
        double wait = node.waitSeconds(now);
        if (perPeer == Double.POSITIVE_INFINITY) {
            peers.clear();
        } else {
            Share share = share(peer, now);
            wait = Math.max(wait, share.waitSeconds(now));
            if (wait <= 0) {
                share.free -= bytes;
            }
        }
        if (wait <= 0) {
            node.free -= bytes;
            return 0;
        }
        return Math.max(1, (long) (Math.min(wait, 1) * NANOS_PER_SECOND));
    }

    /** Takes {@code bytes} that have gone whether they might or not: what they overdraw is waited for before the next. */
    public synchronized void charge(K peer, int bytes) {
        long now = ticker.nanoTime();
        node.settle(now);
        node.free -= bytes;
        if (perPeer != Double.POSITIVE_INFINITY) {
            Share share = share(peer, now);
            share.settle(now);
            share.free -= bytes;
        }
    }

    private Share share(K peer, long now) {
        if (peers.size() >= MAX_PEERS && !peers.containsKey(peer)) {
            peers.values().removeIf(share -> share.waitSeconds(now) <= 0);
        }
        Share share = peers.computeIfAbsent(peer, key -> new Share(now));
        share.rate = perPeer;
        return share;
    }

    private static double rate(OptionalLong bytesPerSecond) {
        if (bytesPerSecond.isPresent() && bytesPerSecond.getAsLong() <= 0) {
            throw new IllegalArgumentException("A bandwidth limit of " + bytesPerSecond.getAsLong()
                    + " bytes per second lets nothing through; leave it out for none");
        }
        return bytesPerSecond.isPresent() ? bytesPerSecond.getAsLong() : Double.POSITIVE_INFINITY;
    }

    /** What is free of a rate; negative when overdrawn. Guarded by the limits. */
    private static final class Share {
        private double rate = Double.POSITIVE_INFINITY;
        private double free;
        private long settledNanos;

        Share(long now) {
            settledNanos = now;
        }

        double waitSeconds(long now) {
            settle(now);
            return -free / rate;
        }

        void settle(long now) {
            double seconds = (now - settledNanos) / NANOS_PER_SECOND;
            settledNanos = now;
            free = rate == Double.POSITIVE_INFINITY ? 0 : Math.min(free + seconds * rate, SAVED_SECONDS * rate);
        }
    }
}
