package io.filereplication.pull;

import io.filereplication.PrefixDigests;
import io.filereplication.storage.StagedFile;
import java.util.List;

/** Something for one worker to do. */
sealed interface Work {
    /** Whether it is a file so large that it shares nothing with others. */
    boolean isBulk();

    /** Publish these: one of any size, or several small ones. */
    record Publish(List<Whole> files) implements Work {
        @Override
        public boolean isBulk() {
            return !PullBatch.isSmall(files.get(0).pull());
        }
    }

    /** Bytes that are whole and verified: to be published, or dropped when the pull has ended. */
    record Whole(Pull pull, StagedFile staged, PrefixDigests digests) {}

    /** Pull these: one of any size, or several small ones. */
    record Fetch(List<Pull> pulls) implements Work {
        @Override
        public boolean isBulk() {
            return !PullBatch.isSmall(pulls.get(0));
        }
    }
}
