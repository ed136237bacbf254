package io.filereplication.pull;

/** What a pull was begun for. */
enum Occasion {
    /** Its registration was heard of just now, or somebody asks for it. */
    ANNOUNCED,
    /** A walk found it missing: readiness waits for it. */
    WALK,
    /** A scrub found that its copy here is no longer what was published. */
    ROTTEN,
    /** Somebody doubts or wants the file that is recorded here: it is hashed first, and missing only if it turns out to be. */
    DOUBT
}
