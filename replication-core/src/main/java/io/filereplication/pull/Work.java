package io.filereplication.pull;

import io.filereplication.PrefixDigests;
import io.filereplication.storage.StagedFile;
import java.util.List;

/** Something for one worker to do. */
sealed interface Work {
    /** Where it was taken from. */
    Lane lane();

    /** Publish these: one of any size, or several small ones. */
    record Publish(Lane lane, List<Whole> files) implements Work {}

    /** Bytes that are whole and verified: to be published, or dropped when the pull has ended. */
    record Whole(Pull pull, StagedFile staged, PrefixDigests digests) {}

    /** Pull these: one of any size, or several small ones. */
    record Fetch(Lane lane, List<Pull> pulls) implements Work {}
}
