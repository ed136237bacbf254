package io.filereplication.plugin;

import io.filereplication.NodeId;
import io.filereplication.fetch.FetchConfig;
import io.filereplication.pull.PullerConfig;
import io.filereplication.pull.ReplicationFilter;
import io.filereplication.serve.ServeConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.TimeDuration;

/**
 * {@link RaftProperties} as the settings of the core's parts. A value out of range, or two that contradict each other, are
 * refused here, before anything is opened, with the offending values in the message.
 */
record ReplicationSettings(PullerConfig pull, FetchConfig fetch) {
    static ReplicationSettings of(NodeId self, ReplicationFilter filter, RaftProperties properties) {
        return new ReplicationSettings(pull(self, filter, properties), fetch(properties));
    }

    private static PullerConfig pull(NodeId self, ReplicationFilter filter, RaftProperties properties) {
        return PullerConfig.defaults()
                .selfNodeId(self)
                .filter(filter)
                .workers(FileReplicationConfigKeys.Pull.workers(properties))
                .queueSize(FileReplicationConfigKeys.Pull.queueSize(properties))
                .attempts(FileReplicationConfigKeys.Pull.attempts(properties))
                .initialBackoff(duration(FileReplicationConfigKeys.Pull.backoffInitial(properties)))
                .maxBackoff(duration(FileReplicationConfigKeys.Pull.backoffMax(properties)))
                .progressTimeout(duration(FileReplicationConfigKeys.Pull.progressTimeout(properties)))
                .deleteGrace(duration(FileReplicationConfigKeys.Pull.deleteGrace(properties)))
                .bulkFiles(FileReplicationConfigKeys.Pull.removalBulkFiles(properties))
                .bulkShare(FileReplicationConfigKeys.Pull.removalBulkShare(properties))
                .unavailableBlocksReadiness(FileReplicationConfigKeys.Pull.unavailableBlocksReadiness(properties))
                .catchUpHighWater(FileReplicationConfigKeys.CatchUp.highWater(properties))
                .catchUpInterval(duration(FileReplicationConfigKeys.CatchUp.interval(properties)))
                .barrierWait(duration(FileReplicationConfigKeys.CatchUp.barrierWait(properties)))
                .scrubInterval(duration(FileReplicationConfigKeys.Scrub.interval(properties)))
                .scrubBytesPerSecond(
                        FileReplicationConfigKeys.Scrub.rate(properties).getSize())
                .build();
    }

    /** The bounds of serving, which all groups of a server share, as do the threads of the data stream. */
    static ServeConfig serve(RaftProperties properties) {
        ServeConfig config = new ServeConfig(
                FileReplicationConfigKeys.Serve.transfers(properties),
                FileReplicationConfigKeys.Serve.transfersPerPeer(properties),
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

    private static FetchConfig fetch(RaftProperties properties) {
        return new FetchConfig(
                duration(FileReplicationConfigKeys.Fetch.connectTimeout(properties)),
                duration(FileReplicationConfigKeys.Fetch.acknowledgementTimeout(properties)),
                FetchConfig.defaults().silenceLimit(),
                duration(FileReplicationConfigKeys.Pull.progressTimeout(properties)),
                duration(FileReplicationConfigKeys.Fetch.sessionAge(properties)));
    }

    private static Duration duration(TimeDuration value) {
        return Duration.ofNanos(value.toLong(TimeUnit.NANOSECONDS));
    }
}
