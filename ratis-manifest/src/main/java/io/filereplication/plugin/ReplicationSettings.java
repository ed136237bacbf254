package io.filereplication.plugin;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.PrefixDigests;
import io.filereplication.client.ManifestClientSettings;
import io.filereplication.fetch.FetchConfig;
import io.filereplication.pull.PullTimings;
import io.filereplication.pull.PullerConfig;
import io.filereplication.pull.ReplicationFilter;
import io.filereplication.serve.ServeConfig;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.TimeDuration;

/**
 * {@link RaftProperties} as the settings of the core's parts, read once for all groups of a server, since reading logs the
 * effective values. A value out of range, or two that contradict each other, are refused here, before anything is opened,
 * with the offending values in the message; {@link FileReplicationConfigKeys} lists the relations.
 */
final class ReplicationSettings {
    /** A batch of one operation fits, and twice what Ratis adds to it. */
    private static final int LEAST_ENTRY_LIMIT = 64 * 1024;

    private final PullerConfig.Builder pull;
    private final FetchConfig fetch;
    private final ServeConfig serve;
    private final Limits incoming;
    private final Limits outgoing;
    private final ManifestClientSettings client;
    private final int maxPuts;

    /** Bytes a second, together and with each peer; empty is unlimited. */
    record Limits(OptionalLong node, OptionalLong eachPeer) {}

    ReplicationSettings(NodeId self, RaftProperties properties) {
        TimeDuration progressTimeout = FileReplicationConfigKeys.Pull.progressTimeout(properties);
        pull = pull(self, progressTimeout, properties);
        fetch = fetch(progressTimeout, properties);
        serve = serve(properties);
        incoming = limits(
                FileReplicationConfigKeys.Bandwidth.IN_KEY,
                FileReplicationConfigKeys.Bandwidth.in(properties),
                FileReplicationConfigKeys.Bandwidth.IN_PER_PEER_KEY,
                FileReplicationConfigKeys.Bandwidth.inPerPeer(properties),
                progressTimeout);
        outgoing = limits(
                FileReplicationConfigKeys.Bandwidth.OUT_KEY,
                FileReplicationConfigKeys.Bandwidth.out(properties),
                FileReplicationConfigKeys.Bandwidth.OUT_PER_PEER_KEY,
                FileReplicationConfigKeys.Bandwidth.outPerPeer(properties),
                progressTimeout);
        client = client(properties);
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

    private static int maxPuts(RaftProperties properties) {
        int limit = FileReplicationConfigKeys.Put.limit(properties);
        if (limit < 1) {
            throw new IllegalArgumentException(FileReplicationConfigKeys.Put.LIMIT_KEY + " is " + limit
                    + ", which lets nothing be put: raise it to 1 at least");
        }
        return limit;
    }

    private static PullerConfig.Builder pull(NodeId self, TimeDuration progressTimeout, RaftProperties properties) {
        TimeDuration maxBackoff = FileReplicationConfigKeys.Pull.backoffMax(properties);
        TimeDuration initialBackoff = notAbove(
                FileReplicationConfigKeys.Pull.BACKOFF_INITIAL_KEY,
                FileReplicationConfigKeys.Pull.backoffInitial(properties),
                FileReplicationConfigKeys.Pull.BACKOFF_MAX_KEY,
                maxBackoff);
        TimeDuration walks = FileReplicationConfigKeys.CatchUp.interval(properties);
        TimeDuration barrierWait = notAbove(
                FileReplicationConfigKeys.CatchUp.BARRIER_WAIT_KEY,
                FileReplicationConfigKeys.CatchUp.barrierWait(properties),
                FileReplicationConfigKeys.CatchUp.INTERVAL_KEY,
                walks);
        PullerConfig.Builder config = PullerConfig.defaults()
                .selfNodeId(self)
                .workers(FileReplicationConfigKeys.Pull.workers(properties))
                .queueSize(FileReplicationConfigKeys.Pull.queueSize(properties))
                .attempts(FileReplicationConfigKeys.Pull.attempts(properties))
                .initialBackoff(duration(initialBackoff))
                .maxBackoff(duration(maxBackoff))
                .progressTimeout(duration(progressTimeout))
                .deleteGrace(duration(FileReplicationConfigKeys.Pull.deleteGrace(properties)))
                .bulkFiles(FileReplicationConfigKeys.Pull.removalBulkFiles(properties))
                .bulkShare(FileReplicationConfigKeys.Pull.removalBulkShare(properties))
                .unavailableBlocksReadiness(FileReplicationConfigKeys.Pull.unavailableBlocksReadiness(properties))
                .catchUpHighWater(FileReplicationConfigKeys.CatchUp.highWater(properties))
                .catchUpInterval(duration(walks))
                .barrierWait(duration(barrierWait))
                .scrubInterval(duration(FileReplicationConfigKeys.Scrub.interval(properties)))
                .scrubBytesPerSecond(
                        FileReplicationConfigKeys.Scrub.rate(properties).getSize());
        var unused = config.build(); // so that it is refused now and not with the first group
        return config;
    }

    /** The bounds of serving, which all groups of a server share, as do the threads of the data stream. */
    private static ServeConfig serve(RaftProperties properties) {
        int transfers = FileReplicationConfigKeys.Serve.transfers(properties);
        ServeConfig config = new ServeConfig(
                transfers,
                notAbove(
                        FileReplicationConfigKeys.Serve.TRANSFERS_PER_PEER_KEY,
                        FileReplicationConfigKeys.Serve.transfersPerPeer(properties),
                        FileReplicationConfigKeys.Serve.TRANSFERS_KEY,
                        transfers),
                FileReplicationConfigKeys.Serve.transfersSmall(properties),
                duration(FileReplicationConfigKeys.Serve.stallLimit(properties)),
                ServeConfig.defaults().waitInterval());
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

    private static FetchConfig fetch(TimeDuration progressTimeout, RaftProperties properties) {
        Duration silenceLimit = FetchConfig.defaults().silenceLimit();
        if (duration(progressTimeout).compareTo(silenceLimit) < 0) {
            throw new IllegalArgumentException(FileReplicationConfigKeys.Pull.PROGRESS_TIMEOUT_KEY + " is "
                    + progressTimeout + ", but even a connection is given up only after " + silenceLimit.toSeconds()
                    + "s of silence: raise it");
        }
        return new FetchConfig(
                duration(FileReplicationConfigKeys.Fetch.connectTimeout(properties)),
                duration(FileReplicationConfigKeys.Fetch.acknowledgementTimeout(properties)),
                silenceLimit,
                duration(progressTimeout),
                duration(FileReplicationConfigKeys.Fetch.sessionAge(properties)));
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
