package io.filereplication.pull;

import io.filereplication.FileVersion;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Pulls as an operator sees them. Looks at them under the table's lock. */
final class PullListing {
    private PullListing() {}

    /** Up to {@code limit} of the versions that every member has answered <em>not found</em> for. */
    static List<FileVersion> unavailable(Collection<Pull> pulls, int limit) {
        return pulls.stream()
                .filter(pull -> pull.unavailable)
                .limit(limit)
                .map(pull -> pull.entry().version())
                .toList();
    }

    /** Up to {@code limit} of what is missing and was tried in vain. */
    static List<PullFailure> failures(Collection<Pull> pulls, int limit, long nowNanos) {
        return pulls.stream()
                .filter(pull -> pull.missing && pull.lastReason != null)
                .limit(limit)
                .map(pull -> failure(pull, nowNanos))
                .toList();
    }

    private static PullFailure failure(Pull pull, long nowNanos) {
        long wait = pull.state().isWaiting() ? Math.max(0, pull.dueNanos - nowNanos) : 0;
        String reason = Objects.requireNonNull(pull.lastReason, "lastReason");
        return new PullFailure(pull.entry().version(), pull.attempts, reason, Duration.ofNanos(wait));
    }
}
