package io.filereplication.plugin;

import static org.apache.ratis.conf.ConfUtils.setBoolean;
import static org.apache.ratis.conf.ConfUtils.setDouble;
import static org.apache.ratis.conf.ConfUtils.setInt;
import static org.apache.ratis.conf.ConfUtils.setSizeInBytes;
import static org.apache.ratis.conf.ConfUtils.setTimeDuration;

import io.filereplication.storage.LocalFiles;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * The settings of file replication, as keys of {@link RaftProperties} in Ratis's own idiom: for each a key, a default, a
 * getter that tells the effective value to a log, and a setter. The plugin reads each once while it is built, and writes its value
 * with the node's name before it. A value that cannot be read or is out of range is refused then, with a message that names the
 * key.
 *
 * <p>Some settings are related, and values that contradict each other are refused with both named:
 *
 * <ul>
 *   <li>{@code pull.backoff.initial} is at most {@code pull.backoff.max};
 *   <li>{@code catch-up.barrier.wait} is at most {@code catch-up.interval};
 *   <li>{@code serve.transfers.per-peer} is at most {@code serve.transfers};
 *   <li>{@code serve.transfers} and {@code serve.transfers.small} leave threads of the data stream for hellos and refusals;
 *   <li>{@code bandwidth.in.per-peer} is at most {@code bandwidth.in}, and {@code bandwidth.out.per-peer} at most {@code
 *       bandwidth.out};
 *   <li>each bandwidth lets a chunk of 1 MiB through within {@code pull.progress.timeout};
 *   <li>{@code pull.progress.timeout} is at least the 3 s after which a silent connection is given up;
 *   <li>{@code raft.client.rpc.request.timeout} is at most an hour, because a put without an answer keeps its bytes for 82 times as
 *       long, at least for five minutes;
 *   <li>{@code raft.server.log.appender.buffer.byte-limit} takes a log entry of the manifest, at least 64 KiB.
 * </ul>
 */
public interface FileReplicationConfigKeys {
    String PREFIX = "file.replication";

    /** Lets a stand-alone node listen beyond loopback without mutual TLS on both ports. */
    String INSECURE_NETWORK_KEY = PREFIX + ".insecure.network";

    boolean INSECURE_NETWORK_DEFAULT = false;

    static boolean insecureNetwork(RaftProperties properties, Consumer<String> log) {
        return EffectiveValue.flag(properties, INSECURE_NETWORK_KEY, INSECURE_NETWORK_DEFAULT, log);
    }

    static void setInsecureNetwork(RaftProperties properties, boolean value) {
        setBoolean(properties::setBoolean, INSECURE_NETWORK_KEY, value);
    }

    interface Put {
        String PREFIX = FileReplicationConfigKeys.PREFIX + ".put";

        /** How many puts of one group may be under way at once; each keeps its bytes until it is decided. One more is refused. */
        String LIMIT_KEY = PREFIX + ".limit";

        int LIMIT_DEFAULT = LocalFiles.DEFAULT_MAX_PUTS;

        static int limit(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.number(properties, LIMIT_KEY, LIMIT_DEFAULT, log);
        }

        static void setLimit(RaftProperties properties, int value) {
            setInt(properties::setInt, LIMIT_KEY, value);
        }
    }

    interface Pull {
        String PREFIX = FileReplicationConfigKeys.PREFIX + ".pull";

        /** How many pulls run at once: of large files, and of batches of small ones; of both together one more. */
        String WORKERS_KEY = PREFIX + ".workers";

        int WORKERS_DEFAULT = 4;

        static int workers(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.number(properties, WORKERS_KEY, WORKERS_DEFAULT, log);
        }

        static void setWorkers(RaftProperties properties, int value) {
            setInt(properties::setInt, WORKERS_KEY, value);
        }

        /** How many pulls of small files may wait for a worker, and how many of others; more are found again by a walk. */
        String QUEUE_SIZE_KEY = PREFIX + ".queue.size";

        int QUEUE_SIZE_DEFAULT = 1024;

        static int queueSize(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.number(properties, QUEUE_SIZE_KEY, QUEUE_SIZE_DEFAULT, log);
        }

        static void setQueueSize(RaftProperties properties, int value) {
            setInt(properties::setInt, QUEUE_SIZE_KEY, value);
        }

        /** Attempts until a pull counts as failed; it is tried again all the same, with growing pauses. */
        String ATTEMPTS_KEY = PREFIX + ".attempts";

        int ATTEMPTS_DEFAULT = 3;

        static int attempts(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.number(properties, ATTEMPTS_KEY, ATTEMPTS_DEFAULT, log);
        }

        static void setAttempts(RaftProperties properties, int value) {
            setInt(properties::setInt, ATTEMPTS_KEY, value);
        }

        /** Pause after the first attempt, doubled after each, with jitter. */
        String BACKOFF_INITIAL_KEY = PREFIX + ".backoff.initial";

        TimeDuration BACKOFF_INITIAL_DEFAULT = TimeDuration.valueOf(500, TimeUnit.MILLISECONDS);

        static TimeDuration backoffInitial(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.time(properties, BACKOFF_INITIAL_KEY, BACKOFF_INITIAL_DEFAULT, log);
        }

        static void setBackoffInitial(RaftProperties properties, TimeDuration value) {
            setTimeDuration(properties::setTimeDuration, BACKOFF_INITIAL_KEY, value);
        }

        /** Longest pause between attempts. */
        String BACKOFF_MAX_KEY = PREFIX + ".backoff.max";

        TimeDuration BACKOFF_MAX_DEFAULT = TimeDuration.valueOf(30, TimeUnit.SECONDS);

        static TimeDuration backoffMax(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.time(properties, BACKOFF_MAX_KEY, BACKOFF_MAX_DEFAULT, log);
        }

        static void setBackoffMax(RaftProperties properties, TimeDuration value) {
            setTimeDuration(properties::setTimeDuration, BACKOFF_MAX_KEY, value);
        }

        /** How long a fetch may go without progress. */
        String PROGRESS_TIMEOUT_KEY = PREFIX + ".progress.timeout";

        TimeDuration PROGRESS_TIMEOUT_DEFAULT = TimeDuration.valueOf(60, TimeUnit.SECONDS);

        static TimeDuration progressTimeout(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.time(properties, PROGRESS_TIMEOUT_KEY, PROGRESS_TIMEOUT_DEFAULT, log);
        }

        static void setProgressTimeout(RaftProperties properties, TimeDuration value) {
            setTimeDuration(properties::setTimeDuration, PROGRESS_TIMEOUT_KEY, value);
        }

        /** How long the local copy of a deleted file stays. */
        String DELETE_GRACE_KEY = PREFIX + ".delete.grace";

        TimeDuration DELETE_GRACE_DEFAULT = TimeDuration.valueOf(5, TimeUnit.SECONDS);

        static TimeDuration deleteGrace(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.time(properties, DELETE_GRACE_KEY, DELETE_GRACE_DEFAULT, log);
        }

        static void setDeleteGrace(RaftProperties properties, TimeDuration value) {
            setTimeDuration(properties::setTimeDuration, DELETE_GRACE_KEY, value);
        }

        /** More removals than this at once go to the trash for a day. */
        String REMOVAL_BULK_FILES_KEY = PREFIX + ".removal.bulk.files";

        int REMOVAL_BULK_FILES_DEFAULT = 100;

        static int removalBulkFiles(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.number(properties, REMOVAL_BULK_FILES_KEY, REMOVAL_BULK_FILES_DEFAULT, log);
        }

        static void setRemovalBulkFiles(RaftProperties properties, int value) {
            setInt(properties::setInt, REMOVAL_BULK_FILES_KEY, value);
        }

        /** Removals of more than this share of the bytes at once go to the trash for a day. */
        String REMOVAL_BULK_SHARE_KEY = PREFIX + ".removal.bulk.share";

        double REMOVAL_BULK_SHARE_DEFAULT = 0.1;

        static double removalBulkShare(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.share(properties, REMOVAL_BULK_SHARE_KEY, REMOVAL_BULK_SHARE_DEFAULT, log);
        }

        static void setRemovalBulkShare(RaftProperties properties, double value) {
            setDouble(properties::setDouble, REMOVAL_BULK_SHARE_KEY, value);
        }

        /** Whether a file that every member has answered 'not found' for keeps the node from being caught up. */
        String UNAVAILABLE_BLOCKS_READINESS_KEY = PREFIX + ".unavailable.blocks.readiness";

        boolean UNAVAILABLE_BLOCKS_READINESS_DEFAULT = true;

        static boolean unavailableBlocksReadiness(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.flag(
                    properties, UNAVAILABLE_BLOCKS_READINESS_KEY, UNAVAILABLE_BLOCKS_READINESS_DEFAULT, log);
        }

        static void setUnavailableBlocksReadiness(RaftProperties properties, boolean value) {
            setBoolean(properties::setBoolean, UNAVAILABLE_BLOCKS_READINESS_KEY, value);
        }
    }

    interface CatchUp {
        String PREFIX = FileReplicationConfigKeys.PREFIX + ".catch-up";

        /** The share of the queue above which a walk pauses. */
        String HIGH_WATER_KEY = PREFIX + ".high-water";

        double HIGH_WATER_DEFAULT = 0.8;

        static double highWater(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.share(properties, HIGH_WATER_KEY, HIGH_WATER_DEFAULT, log);
        }

        static void setHighWater(RaftProperties properties, double value) {
            setDouble(properties::setDouble, HIGH_WATER_KEY, value);
        }

        /** Time between walks, with jitter. */
        String INTERVAL_KEY = PREFIX + ".interval";

        TimeDuration INTERVAL_DEFAULT = TimeDuration.valueOf(10, TimeUnit.MINUTES);

        static TimeDuration interval(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.time(properties, INTERVAL_KEY, INTERVAL_DEFAULT, log);
        }

        static void setInterval(RaftProperties properties, TimeDuration value) {
            setTimeDuration(properties::setTimeDuration, INTERVAL_KEY, value);
        }

        /** How long the first walk after a start waits for the barrier. */
        String BARRIER_WAIT_KEY = PREFIX + ".barrier.wait";

        TimeDuration BARRIER_WAIT_DEFAULT = TimeDuration.valueOf(10, TimeUnit.SECONDS);

        static TimeDuration barrierWait(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.time(properties, BARRIER_WAIT_KEY, BARRIER_WAIT_DEFAULT, log);
        }

        static void setBarrierWait(RaftProperties properties, TimeDuration value) {
            setTimeDuration(properties::setTimeDuration, BARRIER_WAIT_KEY, value);
        }
    }

    interface Scrub {
        String PREFIX = FileReplicationConfigKeys.PREFIX + ".scrub";

        /** Time between scrubs, which hash every local file again. */
        String INTERVAL_KEY = PREFIX + ".interval";

        TimeDuration INTERVAL_DEFAULT = TimeDuration.valueOf(7, TimeUnit.DAYS);

        static TimeDuration interval(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.time(properties, INTERVAL_KEY, INTERVAL_DEFAULT, log);
        }

        static void setInterval(RaftProperties properties, TimeDuration value) {
            setTimeDuration(properties::setTimeDuration, INTERVAL_KEY, value);
        }

        /** How many bytes a second the scrub reads. */
        String RATE_KEY = PREFIX + ".rate";

        SizeInBytes RATE_DEFAULT = SizeInBytes.valueOf("20MB");

        static SizeInBytes rate(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.size(properties, RATE_KEY, RATE_DEFAULT, log);
        }

        static void setRate(RaftProperties properties, SizeInBytes value) {
            setSizeInBytes(properties::set, RATE_KEY, value);
        }
    }

    interface Serve {
        String PREFIX = FileReplicationConfigKeys.PREFIX + ".serve";

        /**
         * Answers being sent at once, to all peers of all groups. With those for small requests, as many refusals (20 at least)
         * and 14 more they need threads: raft.server.data-stream.async.request.thread.pool.size, which is set to fit when it is
         * not set.
         */
        String TRANSFERS_KEY = PREFIX + ".transfers";

        int TRANSFERS_DEFAULT = 24;

        static int transfers(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.number(properties, TRANSFERS_KEY, TRANSFERS_DEFAULT, log);
        }

        static void setTransfers(RaftProperties properties, int value) {
            setInt(properties::setInt, TRANSFERS_KEY, value);
        }

        /** The same for one peer. */
        String TRANSFERS_PER_PEER_KEY = PREFIX + ".transfers.per-peer";

        int TRANSFERS_PER_PEER_DEFAULT = 16;

        static int transfersPerPeer(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.number(properties, TRANSFERS_PER_PEER_KEY, TRANSFERS_PER_PEER_DEFAULT, log);
        }

        static void setTransfersPerPeer(RaftProperties properties, int value) {
            setInt(properties::setInt, TRANSFERS_PER_PEER_KEY, value);
        }

        /** Answers of at most 1 MiB being sent at once beyond those: bulk never gets these places, one peer half of them. */
        String TRANSFERS_SMALL_KEY = PREFIX + ".transfers.small";

        int TRANSFERS_SMALL_DEFAULT = 4;

        static int transfersSmall(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.number(properties, TRANSFERS_SMALL_KEY, TRANSFERS_SMALL_DEFAULT, log);
        }

        static void setTransfersSmall(RaftProperties properties, int value) {
            setInt(properties::setInt, TRANSFERS_SMALL_KEY, value);
        }

        /** How long one message of at most 1 MiB may take to leave before its reader is given up. */
        String STALL_LIMIT_KEY = PREFIX + ".stall.limit";

        TimeDuration STALL_LIMIT_DEFAULT = TimeDuration.valueOf(30, TimeUnit.SECONDS);

        static TimeDuration stallLimit(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.time(properties, STALL_LIMIT_KEY, STALL_LIMIT_DEFAULT, log);
        }

        static void setStallLimit(RaftProperties properties, TimeDuration value) {
            setTimeDuration(properties::setTimeDuration, STALL_LIMIT_KEY, value);
        }
    }

    /** Limits may be changed while the node runs: {@code FileReplicationPlugin.incoming()} and {@code outgoing()}. */
    interface Bandwidth {
        String PREFIX = FileReplicationConfigKeys.PREFIX + ".bandwidth";

        /** File bytes a second that this node sends, to all peers of all groups; unlimited when it is not set. */
        String OUT_KEY = PREFIX + ".out";

        OptionalLong OUT_DEFAULT = OptionalLong.empty();

        static OptionalLong out(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.limit(properties, OUT_KEY, log);
        }

        static void setOut(RaftProperties properties, SizeInBytes value) {
            setSizeInBytes(properties::set, OUT_KEY, value);
        }

        /** The same to each peer. */
        String OUT_PER_PEER_KEY = PREFIX + ".out.per-peer";

        OptionalLong OUT_PER_PEER_DEFAULT = OptionalLong.empty();

        static OptionalLong outPerPeer(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.limit(properties, OUT_PER_PEER_KEY, log);
        }

        static void setOutPerPeer(RaftProperties properties, SizeInBytes value) {
            setSizeInBytes(properties::set, OUT_PER_PEER_KEY, value);
        }

        /** File bytes a second that this node receives, from all peers of all groups; unlimited when it is not set. */
        String IN_KEY = PREFIX + ".in";

        OptionalLong IN_DEFAULT = OptionalLong.empty();

        static OptionalLong in(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.limit(properties, IN_KEY, log);
        }

        static void setIn(RaftProperties properties, SizeInBytes value) {
            setSizeInBytes(properties::set, IN_KEY, value);
        }

        /** The same from each peer. */
        String IN_PER_PEER_KEY = PREFIX + ".in.per-peer";

        OptionalLong IN_PER_PEER_DEFAULT = OptionalLong.empty();

        static OptionalLong inPerPeer(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.limit(properties, IN_PER_PEER_KEY, log);
        }

        static void setInPerPeer(RaftProperties properties, SizeInBytes value) {
            setSizeInBytes(properties::set, IN_PER_PEER_KEY, value);
        }
    }

    interface Fetch {
        String PREFIX = FileReplicationConfigKeys.PREFIX + ".fetch";

        /** How long a fetch waits for a connection. */
        String CONNECT_TIMEOUT_KEY = PREFIX + ".connect.timeout";

        TimeDuration CONNECT_TIMEOUT_DEFAULT = TimeDuration.valueOf(10, TimeUnit.SECONDS);

        static TimeDuration connectTimeout(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.time(properties, CONNECT_TIMEOUT_KEY, CONNECT_TIMEOUT_DEFAULT, log);
        }

        static void setConnectTimeout(RaftProperties properties, TimeDuration value) {
            setTimeDuration(properties::setTimeDuration, CONNECT_TIMEOUT_KEY, value);
        }

        /** How long a fetch waits for the first message of an answer. */
        String ACKNOWLEDGEMENT_TIMEOUT_KEY = PREFIX + ".acknowledgement.timeout";

        TimeDuration ACKNOWLEDGEMENT_TIMEOUT_DEFAULT = TimeDuration.valueOf(15, TimeUnit.SECONDS);

        static TimeDuration acknowledgementTimeout(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.time(properties, ACKNOWLEDGEMENT_TIMEOUT_KEY, ACKNOWLEDGEMENT_TIMEOUT_DEFAULT, log);
        }

        static void setAcknowledgementTimeout(RaftProperties properties, TimeDuration value) {
            setTimeDuration(properties::setTimeDuration, ACKNOWLEDGEMENT_TIMEOUT_KEY, value);
        }

        /** After how long a new session is begun. */
        String SESSION_AGE_KEY = PREFIX + ".session.age";

        TimeDuration SESSION_AGE_DEFAULT = TimeDuration.valueOf(10, TimeUnit.MINUTES);

        static TimeDuration sessionAge(RaftProperties properties, Consumer<String> log) {
            return EffectiveValue.time(properties, SESSION_AGE_KEY, SESSION_AGE_DEFAULT, log);
        }

        static void setSessionAge(RaftProperties properties, TimeDuration value) {
            setTimeDuration(properties::setTimeDuration, SESSION_AGE_KEY, value);
        }
    }
}
