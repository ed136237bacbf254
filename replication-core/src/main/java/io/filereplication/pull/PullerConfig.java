package io.filereplication.pull;

import io.filereplication.GroupId;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a puller, frozen once. Every bound of its memory and every pause it makes is here.
 *
 * <p>Begin with {@link #defaults()}; {@link Builder#build()} refuses a missing part and a number out of range with an
 * {@link IllegalArgumentException} that names it.
 */
public final class PullerConfig {
    /** Threads that the walk, background verification, removals, scrub, the members and announcements may occupy besides the pulls. */
    public static final int BACKGROUND_THREADS = 6;

    private final Builder settings;
    private final NodeId selfNodeId;

    private PullerConfig(Builder settings, NodeId selfNodeId) {
        this.settings = settings;
        this.selfNodeId = selfNodeId;
    }

    /** A builder that holds the default of every setting; only {@link Builder#selfNodeId} has none. */
    public static Builder defaults() {
        return new Builder();
    }

    /** This node. */
    public NodeId selfNodeId() {
        return selfNodeId;
    }

    /** The group whose files these are, as the log names it; null when it does not. */
    public @Nullable GroupId group() {
        return settings.group;
    }

    /** Who hears how long the steps of pulls take; nobody. */
    public PullTimings timings() {
        return settings.timings;
    }

    /** Which files are wanted here; all. */
    public ReplicationFilter filter() {
        return settings.filter;
    }

    /**
     * How many pulls of bulk, files of more than 1 MiB, run at once, and how many batches of small files; 4. Of both together one
     * more, so that neither kind ever waits for the other.
     */
    public int workers() {
        return settings.workers;
    }

    /** How many workers the scheduler should have. */
    public int threads() {
        return settings.workers + 1 + BACKGROUND_THREADS;
    }

    /** How many pulls of small files may wait for a worker, and how many of others; 1024. */
    public int queueSize() {
        return settings.queueSize;
    }

    /** How many pulls may wait for their next attempt, failed ones included; 16384. More are left to the next walk. */
    public int waitingSize() {
        return settings.waitingSize;
    }

    /** Attempts until a pull counts as failed; 3. */
    public int attempts() {
        return settings.attempts;
    }

    /** Pause after the first attempt, doubled after each, with jitter; 500 ms. */
    public Duration initialBackoff() {
        return settings.initialBackoff;
    }

    /** Longest pause between attempts; 30 s. */
    public Duration maxBackoff() {
        return settings.maxBackoff;
    }

    /** Longest pause between attempts at what counts as failed; 10 min. */
    public Duration maxFailedBackoff() {
        return settings.maxFailedBackoff;
    }

    /** How long a fetch may make no progress, for the fetcher; 60 s. */
    public Duration progressTimeout() {
        return settings.progressTimeout;
    }

    /** The share of the queue above which a walk pauses; 0.8. */
    public double catchUpHighWater() {
        return settings.catchUpHighWater;
    }

    /** Time between walks, with jitter; 10 min. */
    public Duration catchUpInterval() {
        return settings.catchUpInterval;
    }

    /** How long the first walk waits for the barrier; 10 s. */
    public Duration barrierWait() {
        return settings.barrierWait;
    }

    /** How long a deleted file's local copy stays; 5 s. */
    public Duration deleteGrace() {
        return settings.deleteGrace;
    }

    /** More removals than this at once go to the trash; 100. */
    public int bulkFiles() {
        return settings.bulkFiles;
    }

    /** Removals of more than this share of all bytes at once go to the trash; 0.1. */
    public double bulkShare() {
        return settings.bulkShare;
    }

    /** How long pulling pauses when the storage is full, at first; 5 s. */
    public Duration fullPause() {
        return settings.fullPause;
    }

    /** Whether a file that every member has answered <em>not found</em> for keeps the node from being caught up; true. */
    public boolean unavailableBlocksReadiness() {
        return settings.unavailableBlocksReadiness;
    }

    /** Time between scrubs; 7 days. */
    public Duration scrubInterval() {
        return settings.scrubInterval;
    }

    /** How fast the scrub reads; 20 MB/s. */
    public long scrubBytesPerSecond() {
        return settings.scrubBytesPerSecond;
    }

    /** How long {@link Puller#close()} waits for the workers; 30 s. */
    public Duration closeTimeout() {
        return settings.closeTimeout;
    }

    /** How long what may yet be registered is kept after a restart; {@link ManifestView#LONGEST_PROPOSAL}. */
    public Duration longestProposal() {
        return settings.longestProposal;
    }

    /** Collects settings. Not thread-safe. */
    public static final class Builder {
        private @Nullable NodeId selfNodeId;
        private @Nullable GroupId group;
        private PullTimings timings = PullTimings.NONE;
        private ReplicationFilter filter = ReplicationFilter.ALL;
        private int workers = 4;
        private int queueSize = 1_024;
        private int waitingSize = 16_384;
        private int attempts = 3;
        private Duration initialBackoff = Duration.ofMillis(500);
        private Duration maxBackoff = Duration.ofSeconds(30);
        private Duration maxFailedBackoff = Duration.ofMinutes(10);
        private Duration progressTimeout = Duration.ofSeconds(60);
        private double catchUpHighWater = 0.8;
        private Duration catchUpInterval = Duration.ofMinutes(10);
        private Duration barrierWait = Duration.ofSeconds(10);
        private Duration deleteGrace = Duration.ofSeconds(5);
        private int bulkFiles = 100;
        private double bulkShare = 0.1;
        private Duration fullPause = Duration.ofSeconds(5);
        private boolean unavailableBlocksReadiness = true;
        private Duration scrubInterval = Duration.ofDays(7);
        private long scrubBytesPerSecond = 20_000_000;
        private Duration closeTimeout = Duration.ofSeconds(30);
        private Duration longestProposal = ManifestView.LONGEST_PROPOSAL;

        private Builder() {}

        private Builder(Builder from) {
            selfNodeId = from.selfNodeId;
            group = from.group;
            timings = from.timings;
            filter = from.filter;
            workers = from.workers;
            queueSize = from.queueSize;
            waitingSize = from.waitingSize;
            attempts = from.attempts;
            initialBackoff = from.initialBackoff;
            maxBackoff = from.maxBackoff;
            maxFailedBackoff = from.maxFailedBackoff;
            progressTimeout = from.progressTimeout;
            catchUpHighWater = from.catchUpHighWater;
            catchUpInterval = from.catchUpInterval;
            barrierWait = from.barrierWait;
            deleteGrace = from.deleteGrace;
            bulkFiles = from.bulkFiles;
            bulkShare = from.bulkShare;
            fullPause = from.fullPause;
            unavailableBlocksReadiness = from.unavailableBlocksReadiness;
            scrubInterval = from.scrubInterval;
            scrubBytesPerSecond = from.scrubBytesPerSecond;
            closeTimeout = from.closeTimeout;
            longestProposal = from.longestProposal;
        }

        public Builder selfNodeId(NodeId self) {
            selfNodeId = Objects.requireNonNull(self, "selfNodeId");
            return this;
        }

        public Builder group(GroupId ofFiles) {
            group = Objects.requireNonNull(ofFiles, "group");
            return this;
        }

        public Builder timings(PullTimings hears) {
            timings = Objects.requireNonNull(hears, "timings");
            return this;
        }

        public Builder filter(ReplicationFilter wanted) {
            filter = Objects.requireNonNull(wanted, "filter");
            return this;
        }

        public Builder workers(int count) {
            workers = range("workers", count, 1, 1_024);
            return this;
        }

        public Builder queueSize(int pulls) {
            queueSize = range("queueSize", pulls, 1, 1 << 20);
            return this;
        }

        public Builder waitingSize(int pulls) {
            waitingSize = range("waitingSize", pulls, 1, 1 << 20);
            return this;
        }

        public Builder attempts(int count) {
            attempts = range("attempts", count, 1, 1_000);
            return this;
        }

        public Builder initialBackoff(Duration pause) {
            initialBackoff = positive("initialBackoff", pause);
            return this;
        }

        public Builder maxBackoff(Duration pause) {
            maxBackoff = positive("maxBackoff", pause);
            return this;
        }

        public Builder maxFailedBackoff(Duration pause) {
            maxFailedBackoff = positive("maxFailedBackoff", pause);
            return this;
        }

        public Builder progressTimeout(Duration timeout) {
            progressTimeout = positive("progressTimeout", timeout);
            return this;
        }

        public Builder catchUpHighWater(double share) {
            catchUpHighWater = share("catchUpHighWater", share);
            return this;
        }

        public Builder catchUpInterval(Duration interval) {
            catchUpInterval = positive("catchUpInterval", interval);
            return this;
        }

        public Builder barrierWait(Duration wait) {
            barrierWait = positive("barrierWait", wait);
            return this;
        }

        /** Zero removes at once. */
        public Builder deleteGrace(Duration grace) {
            deleteGrace = grace.isZero() ? Duration.ZERO : positive("deleteGrace", grace);
            return this;
        }

        public Builder bulkFiles(int files) {
            bulkFiles = range("bulkFiles", files, 0, Integer.MAX_VALUE);
            return this;
        }

        public Builder bulkShare(double share) {
            bulkShare = share("bulkShare", share);
            return this;
        }

        public Builder fullPause(Duration pause) {
            fullPause = positive("fullPause", pause);
            return this;
        }

        public Builder unavailableBlocksReadiness(boolean blocks) {
            unavailableBlocksReadiness = blocks;
            return this;
        }

        public Builder scrubInterval(Duration interval) {
            scrubInterval = positive("scrubInterval", interval);
            return this;
        }

        public Builder scrubBytesPerSecond(long bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("scrubBytesPerSecond is " + bytes + ", it must be at least 1");
            }
            scrubBytesPerSecond = bytes;
            return this;
        }

        public Builder closeTimeout(Duration timeout) {
            closeTimeout = positive("closeTimeout", timeout);
            return this;
        }

        /**
         * How long puts of an earlier process, and files that had to make room, are kept although nothing registers them; default
         * {@link ManifestView#LONGEST_PROPOSAL}, which fits our client. Shorter only where no proposal can be under way for longer.
         */
        public Builder longestProposal(Duration time) {
            longestProposal = positive("longestProposal", time);
            return this;
        }

        /** The settings, checked together. */
        public PullerConfig build() {
            if (selfNodeId == null) {
                throw new IllegalArgumentException("selfNodeId is missing");
            }
            if (initialBackoff.compareTo(maxBackoff) > 0) {
                throw new IllegalArgumentException(
                        "initialBackoff " + initialBackoff + " is longer than maxBackoff " + maxBackoff);
            }
            if (maxBackoff.compareTo(maxFailedBackoff) > 0) {
                throw new IllegalArgumentException(
                        "maxBackoff " + maxBackoff + " is longer than maxFailedBackoff " + maxFailedBackoff);
            }
            return new PullerConfig(new Builder(this), selfNodeId);
        }

        private static int range(String name, int value, int min, int max) {
            if (value < min || value > max) {
                throw new IllegalArgumentException(name + " is " + value + ", allowed are " + min + " to " + max);
            }
            return value;
        }

        private static double share(String name, double value) {
            if (!(value > 0 && value <= 1)) {
                throw new IllegalArgumentException(name + " is " + value + ", it must be above 0 and at most 1");
            }
            return value;
        }

        private static Duration positive(String name, Duration value) {
            if (value.isZero() || value.isNegative() || value.compareTo(Duration.ofDays(3_650)) > 0) {
                throw new IllegalArgumentException(
                        name + " is " + value + ", it must be above zero and at most 3650 days");
            }
            return value;
        }
    }
}
