package io.filereplication.manifest;

import java.util.Objects;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** What became of one log entry. */
public sealed interface ApplyOutcome {
    /**
     * The entry was applied, which includes that it was refused.
     *
     * @param reply for the proposer, read by {@link Proposals}
     */
    record Applied(ByteString reply) implements ApplyOutcome {
        public Applied {
            Objects.requireNonNull(reply, "reply");
        }
    }

    /** The manifest stands before this entry, or an earlier one, and stays there until a newer build replays the log. */
    record Stopped(StoppedBefore reason) implements ApplyOutcome {
        public Stopped {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
