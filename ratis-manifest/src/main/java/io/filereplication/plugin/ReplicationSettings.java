package io.filereplication.plugin;

import io.filereplication.GroupId;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.PrefixDigests;
import io.filereplication.client.ManifestClientSettings;
import io.filereplication.client.RaftTransport;
import io.filereplication.fetch.FetchConfig;
import io.filereplication.pull.PullTimings;
import io.filereplication.pull.PullerConfig;
import io.filereplication.pull.ReplicationFilter;
import io.filereplication.serve.ServeConfig;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.TimeDuration;

/**
 * {@link RaftProperties} as the settings of the core's parts, read once for all groups of a server, since reading tells the
 * effective values to the log. A value out of range, or two that contradict each other, are refused here, before anything is opened,
 * with the offending values in the message; {@link FileReplicationConfigKeys} lists the relations.
 */
final class ReplicationSettings {
    /** A batch of one operation fits, and twice what Ratis adds to it. */
    private static final int LEAST_ENTRY_LIMIT = 64 * 1024;

    private static final int MOST_TRANSFERS = 1_024;
    private static final Duration LONGEST_REQUEST_TIMEOUT = Duration.ofHours(1);
    /** What a proposal may take in the network and in the leader. */
    private static final Duration ON_ITS_WAY = Duration.ofSeconds(15);

    private final PullerConfig.Builder pull;
    private final FetchConfig fetch;
    private final ServeConfig serve;
    private final Limits incoming;
    private final Limits outgoing;
    private final ManifestClientSettings client;
    private final int maxPuts;
    private final Consumer<String> log;

    /** Bytes a second, together and with each peer; empty is unlimited. */
    record Limits(OptionalLong node, OptionalLong eachPeer) {}

    /** Reads everything once, and tells {@code log} what is in effect, a line for each setting. */
    ReplicationSettings(NodeId self, RaftProperties properties, Consumer<String> log) {
        this.log = log;
        // It is for whoever starts a server, and read there; it belongs among the others that are in effect.
        var unused = FileReplicationConfigKeys.insecureNetwork(properties, log);
        TimeDuration progressTimeout = FileReplicationConfigKeys.Pull.progressTimeout(properties, log);
        client = client(properties);
        pull = pull(self, progressTimeout, properties).longestProposal(longestProposal(properties));
        fetch = fetch(progressTimeout, properties);
        serve = serve(properties);
        incoming = limits(
                FileReplicationConfigKeys.Bandwidth.IN_KEY,
                FileReplicationConfigKeys.Bandwidth.in(properties, log),
                FileReplicationConfigKeys.Bandwidth.IN_PER_PEER_KEY,
                FileReplicationConfigKeys.Bandwidth.inPerPeer(properties, log),
                progressTimeout);
        outgoing = limits(
                FileReplicationConfigKeys.Bandwidth.OUT_KEY,
                FileReplicationConfigKeys.Bandwidth.out(properties, log),
                FileReplicationConfigKeys.Bandwidth.OUT_PER_PEER_KEY,
                FileReplicationConfigKeys.Bandwidth.outPerPeer(properties, log),
                progressTimeout);
        maxPuts = maxPuts(properties);
    }

    synchronized PullerConfig pull(GroupId group, ReplicationFilter filter, PullTimings timings) {
        return pull.group(group).filter(filter).timings(timings).build();
    }

    FetchConfig fetch() {
        return fetch;
    }

    ServeConfig serve() {
        return serve;
    }

    Limits incoming() {
        return incoming;
    }

    Limits outgoing() {
        return outgoing;
    }

    ManifestClientSettings client() {
        return client;
    }

    /** How many puts of one group may be under way. */
    int maxPuts() {
        return maxPuts;
    }

    private int maxPuts(RaftProperties properties) {
        int limit = FileReplicationConfigKeys.Put.limit(properties, log);
        if (limit < 1) {
            throw new IllegalArgumentException(FileReplicationConfigKeys.Put.LIMIT_KEY + " is " + limit
                    + ", which lets nothing be put: raise it to 1 at least");
        }
        return limit;
    }

    private PullerConfig.Builder pull(NodeId self, TimeDuration progressTimeout, RaftProperties properties) {
        TimeDuration maxBackoff = FileReplicationConfigKeys.Pull.backoffMax(properties, log);
        TimeDuration initialBackoff = notAbove(
                FileReplicationConfigKeys.Pull.BACKOFF_INITIAL_KEY,
                FileReplicationConfigKeys.Pull.backoffInitial(properties, log),
                FileReplicationConfigKeys.Pull.BACKOFF_MAX_KEY,
                maxBackoff);
        TimeDuration walks = FileReplicationConfigKeys.CatchUp.interval(properties, log);
        TimeDuration barrierWait = notAbove(
                FileReplicationConfigKeys.CatchUp.BARRIER_WAIT_KEY,
                FileReplicationConfigKeys.CatchUp.barrierWait(properties, log),
                FileReplicationConfigKeys.CatchUp.INTERVAL_KEY,
                walks);
        PullerConfig.Builder to = PullerConfig.defaults().selfNodeId(self);
        take(
                FileReplicationConfigKeys.Pull.WORKERS_KEY,
                FileReplicationConfigKeys.Pull.workers(properties, log),
                to::workers);
        take(
                FileReplicationConfigKeys.Pull.QUEUE_SIZE_KEY,
                FileReplicationConfigKeys.Pull.queueSize(properties, log),
                to::queueSize);
        take(
                FileReplicationConfigKeys.Pull.ATTEMPTS_KEY,
                FileReplicationConfigKeys.Pull.attempts(properties, log),
                to::attempts);
        take(FileReplicationConfigKeys.Pull.BACKOFF_INITIAL_KEY, duration(initialBackoff), to::initialBackoff);
        take(FileReplicationConfigKeys.Pull.BACKOFF_MAX_KEY, duration(maxBackoff), to::maxBackoff);
        take(FileReplicationConfigKeys.Pull.PROGRESS_TIMEOUT_KEY, duration(progressTimeout), to::progressTimeout);
        take(
                FileReplicationConfigKeys.Pull.DELETE_GRACE_KEY,
                duration(FileReplicationConfigKeys.Pull.deleteGrace(properties, log)),
                to::deleteGrace);
        take(
                FileReplicationConfigKeys.Pull.REMOVAL_BULK_FILES_KEY,
                FileReplicationConfigKeys.Pull.removalBulkFiles(properties, log),
                to::bulkFiles);
        take(
                FileReplicationConfigKeys.Pull.REMOVAL_BULK_SHARE_KEY,
                FileReplicationConfigKeys.Pull.removalBulkShare(properties, log),
                to::bulkShare);
        take(
                FileReplicationConfigKeys.Pull.UNAVAILABLE_BLOCKS_READINESS_KEY,
                FileReplicationConfigKeys.Pull.unavailableBlocksReadiness(properties, log),
                to::unavailableBlocksReadiness);
        take(
                FileReplicationConfigKeys.CatchUp.HIGH_WATER_KEY,
                FileReplicationConfigKeys.CatchUp.highWater(properties, log),
                to::catchUpHighWater);
        take(FileReplicationConfigKeys.CatchUp.INTERVAL_KEY, duration(walks), to::catchUpInterval);
        take(FileReplicationConfigKeys.CatchUp.BARRIER_WAIT_KEY, duration(barrierWait), to::barrierWait);
        take(
                FileReplicationConfigKeys.Scrub.INTERVAL_KEY,
                duration(FileReplicationConfigKeys.Scrub.interval(properties, log)),
                to::scrubInterval);
        take(
                FileReplicationConfigKeys.Scrub.RATE_KEY,
                FileReplicationConfigKeys.Scrub.rate(properties, log).getSize(),
                to::scrubBytesPerSecond);
        Duration afterFailures =
                PullerConfig.defaults().selfNodeId(self).build().maxFailedBackoff();
        if (duration(maxBackoff).compareTo(afterFailures) > 0) {
            throw new IllegalArgumentException(FileReplicationConfigKeys.Pull.BACKOFF_MAX_KEY + " is " + maxBackoff
                    + ", which is more than the " + afterFailures.toMinutes()
                    + "min that are the longest pause after failures, and no setting: lower it");
        }
        return to;
    }

    /** What the part refuses in its own words is refused by the name of the setting. */
    private static <T> void take(String key, T value, Function<T, ?> part) {
        try {
            var unused = part.apply(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(key + " is refused: " + e.getMessage(), e);
        }
    }

    /**
     * For how long a proposal of this server's client may still become a log entry after its call has ended without an answer: the
     * client proposes the entry for {@link ManifestClientSettings#timeout} more, for the sake of its other calls; then the Raft
     * client may let it wait for the request before it, and tries it, each for as long as {@link RaftTransport#longestRequest}.
     */
    private Duration longestProposal(RaftProperties properties) {
        TimeDuration requestTimeout = RaftClientConfigKeys.Rpc.requestTimeout(properties);
        if (duration(requestTimeout).isZero() || duration(requestTimeout).compareTo(LONGEST_REQUEST_TIMEOUT) > 0) {
            throw new IllegalArgumentException(RaftClientConfigKeys.Rpc.REQUEST_TIMEOUT_KEY + " is " + requestTimeout
                    + ", but puts need answers to requests, and keep their bytes for more than 80 times as long when there is none:"
                    + " choose a time of at most " + LONGEST_REQUEST_TIMEOUT.toHours() + " h");
        }
        Duration reckoned = client.timeout()
                .plus(RaftTransport.longestRequest(duration(requestTimeout)).multipliedBy(2))
                .plus(ON_ITS_WAY);
        return reckoned.compareTo(ManifestView.LONGEST_PROPOSAL) > 0 ? reckoned : ManifestView.LONGEST_PROPOSAL;
    }

    /** The bounds of serving, which all groups of a server share, as do the threads of the data stream. */
    private ServeConfig serve(RaftProperties properties) {
        int transfers = inRange(
                FileReplicationConfigKeys.Serve.TRANSFERS_KEY,
                FileReplicationConfigKeys.Serve.transfers(properties, log));
        Duration waitInterval = ServeConfig.defaults().waitInterval();
        ServeConfig config = new ServeConfig(
                transfers,
                notAbove(
                        FileReplicationConfigKeys.Serve.TRANSFERS_PER_PEER_KEY,
                        inRange(
                                FileReplicationConfigKeys.Serve.TRANSFERS_PER_PEER_KEY,
                                FileReplicationConfigKeys.Serve.transfersPerPeer(properties, log)),
                        FileReplicationConfigKeys.Serve.TRANSFERS_KEY,
                        transfers),
                inRange(
                        FileReplicationConfigKeys.Serve.TRANSFERS_SMALL_KEY,
                        FileReplicationConfigKeys.Serve.transfersSmall(properties, log)),
                atLeast(
                        FileReplicationConfigKeys.Serve.STALL_LIMIT_KEY,
                        FileReplicationConfigKeys.Serve.stallLimit(properties, log),
                        waitInterval),
                waitInterval);
        String threadsKey = RaftServerConfigKeys.DataStream.ASYNC_REQUEST_THREAD_POOL_SIZE_KEY;
        if (properties.get(threadsKey) == null) {
            int needed =
                    Math.max(config.threads(), RaftServerConfigKeys.DataStream.ASYNC_REQUEST_THREAD_POOL_SIZE_DEFAULT);
            RaftServerConfigKeys.DataStream.setAsyncRequestThreadPoolSize(properties, needed);
        }
        int threads = RaftServerConfigKeys.DataStream.asyncRequestThreadPoolSize(properties);
        if (threads < config.threads()) {
            throw new IllegalArgumentException(FileReplicationConfigKeys.Serve.TRANSFERS_KEY + " and "
                    + FileReplicationConfigKeys.Serve.TRANSFERS_SMALL_KEY + " are " + config.maxTransfers() + " and "
                    + config.maxSmallTransfers() + ", for which the data stream needs " + config.threads()
                    + " threads, but " + threadsKey + " is " + threads
                    + ": lower the former or raise the latter, so that hellos and refusals are always answered");
        }
        return config;
    }

    private FetchConfig fetch(TimeDuration progressTimeout, RaftProperties properties) {
        Duration silenceLimit = FetchConfig.defaults().silenceLimit();
        if (duration(progressTimeout).compareTo(silenceLimit) < 0) {
            throw new IllegalArgumentException(FileReplicationConfigKeys.Pull.PROGRESS_TIMEOUT_KEY + " is "
                    + progressTimeout + ", but even a connection is given up only after " + silenceLimit.toSeconds()
                    + "s of silence: raise it");
        }
        return new FetchConfig(
                atLeast(
                        FileReplicationConfigKeys.Fetch.CONNECT_TIMEOUT_KEY,
                        FileReplicationConfigKeys.Fetch.connectTimeout(properties, log),
                        Duration.ofMillis(1)),
                atLeast(
                        FileReplicationConfigKeys.Fetch.ACKNOWLEDGEMENT_TIMEOUT_KEY,
                        FileReplicationConfigKeys.Fetch.acknowledgementTimeout(properties, log),
                        Duration.ofMillis(1)),
                silenceLimit,
                duration(progressTimeout),
                atLeast(
                        FileReplicationConfigKeys.Fetch.SESSION_AGE_KEY,
                        FileReplicationConfigKeys.Fetch.sessionAge(properties, log),
                        Duration.ofMillis(1)));
    }

    /** A limit has to let one chunk through before the receiver gives up for lack of progress. */
    private static Limits limits(
            String nodeKey, OptionalLong node, String peerKey, OptionalLong eachPeer, TimeDuration progressTimeout) {
        passesAChunk(nodeKey, node, progressTimeout);
        passesAChunk(peerKey, eachPeer, progressTimeout);
        if (node.isPresent() && eachPeer.isPresent()) {
            var unused = notAbove(peerKey, eachPeer.getAsLong(), nodeKey, node.getAsLong());
        }
        return new Limits(node, eachPeer);
    }

    private static void passesAChunk(String key, OptionalLong bytesPerSecond, TimeDuration progressTimeout) {
        if (bytesPerSecond.isEmpty()) {
            return;
        }
        if (bytesPerSecond.getAsLong() <= 0) {
            throw new IllegalArgumentException(key + " is " + bytesPerSecond.getAsLong()
                    + ", which lets nothing through: leave it out for no limit, or pause pulling or serving");
        }
        double seconds = (double) PrefixDigests.CHUNK_BYTES / bytesPerSecond.getAsLong();
        if (seconds > progressTimeout.toLong(TimeUnit.MILLISECONDS) / 1_000.0) {
            throw new IllegalArgumentException(key + " is " + bytesPerSecond.getAsLong() + ": a chunk of "
                    + PrefixDigests.CHUNK_BYTES + " bytes takes longer than "
                    + FileReplicationConfigKeys.Pull.PROGRESS_TIMEOUT_KEY + ", " + progressTimeout
                    + ": raise one of them");
        }
    }

    /** Log entries of the client stay below what this server takes in one. */
    private static ManifestClientSettings client(RaftProperties properties) {
        ManifestClientSettings defaults = ManifestClientSettings.defaults();
        long limit =
                RaftServerConfigKeys.Log.Appender.bufferByteLimit(properties).getSize();
        if (limit < LEAST_ENTRY_LIMIT) {
            throw new IllegalArgumentException(RaftServerConfigKeys.Log.Appender.BUFFER_BYTE_LIMIT_KEY + " is " + limit
                    + ", but log entries of the manifest need " + LEAST_ENTRY_LIMIT + ": raise it");
        }
        return defaults.withEntryBytes((int) Math.min(defaults.maxEntryBytes(), limit - LEAST_ENTRY_LIMIT / 2));
    }

    private static int inRange(String key, int value) {
        if (value < 1 || value > MOST_TRANSFERS) {
            throw new IllegalArgumentException(key + " is " + value + ", allowed are 1 to " + MOST_TRANSFERS);
        }
        return value;
    }

    private static Duration atLeast(String key, TimeDuration value, Duration least) {
        if (duration(value).compareTo(least) < 0) {
            throw new IllegalArgumentException(
                    key + " is " + value + ", it must be at least " + least.toMillis() + "ms");
        }
        return duration(value);
    }

    private static <T extends Comparable<T>> T notAbove(String key, T value, String limitKey, T limit) {
        if (value.compareTo(limit) > 0) {
            throw new IllegalArgumentException(
                    key + " is " + value + ", which is more than " + limitKey + ", " + limit);
        }
        return value;
    }

    private static Duration duration(TimeDuration value) {
        return Duration.ofNanos(value.toLong(TimeUnit.NANOSECONDS));
    }
}
