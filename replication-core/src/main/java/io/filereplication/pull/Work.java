package io.filereplication.pull;

import io.filereplication.PrefixDigests;
import io.filereplication.storage.StagedFile;
import java.util.List;

/** Something for one worker to do. */
sealed interface Work {
    /** Publish these bytes, which are whole and verified, or drop them when the pull has ended. */
    record Publish(Pull pull, StagedFile staged, PrefixDigests digests) implements Work {}

    /** Pull these: one of any size, or several small ones. */
    record Fetch(List<Pull> pulls) implements Work {}
}
