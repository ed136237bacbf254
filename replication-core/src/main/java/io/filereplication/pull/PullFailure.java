package io.filereplication.pull;

import io.filereplication.FileVersion;
import java.time.Duration;

/**
 * A missing file that was tried and is not here yet.
 *
 * @param version what is missing
 * @param attempts attempts that counted; busy peers, peers that are behind and a full disk do not count
 * @param lastReason why the last try ended, for people
 * @param untilNextTry zero when it is being tried, or only waits for a worker
 */
public record PullFailure(FileVersion version, int attempts, String lastReason, Duration untilNextTry) {}
