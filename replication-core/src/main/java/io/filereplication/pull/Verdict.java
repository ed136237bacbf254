package io.filereplication.pull;

/** How one attempt at a pull ended. */
enum Verdict {
    /** The staged bytes are whole and verified. */
    PUBLISH,
    /** The version is here already. */
    HERE,
    /** The manifest does not hold this version any more. */
    GONE,
    /** There is a file of unknown content: hash it first. */
    VERIFY,
    /** Counts as an attempt. */
    RETRY,
    /** Does not count as an attempt: again shortly. */
    RETRY_SOON,
    /** There is no room on the disk. */
    NO_SPACE,
    /** Cancelled: superseded, deleted, or the puller is closing. */
    STOPPED
}
