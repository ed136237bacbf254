package io.filereplication.demo;

/**
 * What a node says of itself at one moment. Good for a progress display and for waiting; the demo's verdict rests on what
 * {@link TreeReport} and {@link Totals} find on the disk.
 *
 * @param leader the id of the leader it follows, empty while there is none
 * @param files registered files
 * @param bytes their sizes
 * @param missing registered files that are not here yet
 * @param bytesHere bytes of registered files that are here or, as far as the puller counts them, on their way
 * @param pulledFiles files pulled since the start
 * @param pulledBytes bytes received since the start
 * @param retries failures of every kind that the puller counts: each was followed by another attempt
 * @param mismatches checksum mismatches
 * @param appliedIndex the log index up to which commands are applied
 * @param caughtUpIndex every file registered up to this index is here
 * @param fullyCaughtUp whether every file registered before its last walk is here
 * @param logStart the lowest index that the log still holds
 * @param installedIndex the index of the newest snapshot installed from a leader since the start, -1 for none
 * @param appliedOneByOne log entries applied one by one since the start
 * @param firstAppliedIndex the lowest index among them, -1 for none
 */
record NodeReport(
        String leader,
        long files,
        long bytes,
        long missing,
        long bytesHere,
        long pulledFiles,
        long pulledBytes,
        long retries,
        long mismatches,
        long appliedIndex,
        long caughtUpIndex,
        boolean fullyCaughtUp,
        long logStart,
        long installedIndex,
        long appliedOneByOne,
        long firstAppliedIndex) {

    Fields toFields() {
        return Fields.NONE
                .with("leader", leader)
                .with("files", files)
                .with("bytes", bytes)
                .with("missing", missing)
                .with("bytesHere", bytesHere)
                .with("pulledFiles", pulledFiles)
                .with("pulledBytes", pulledBytes)
                .with("retries", retries)
                .with("mismatches", mismatches)
                .with("appliedIndex", appliedIndex)
                .with("caughtUpIndex", caughtUpIndex)
                .with("fullyCaughtUp", fullyCaughtUp)
                .with("logStart", logStart)
                .with("installedIndex", installedIndex)
                .with("appliedOneByOne", appliedOneByOne)
                .with("firstAppliedIndex", firstAppliedIndex);
    }

    static NodeReport of(Fields fields) {
        return new NodeReport(
                fields.text("leader"),
                fields.number("files"),
                fields.number("bytes"),
                fields.number("missing"),
                fields.number("bytesHere"),
                fields.number("pulledFiles"),
                fields.number("pulledBytes"),
                fields.number("retries"),
                fields.number("mismatches"),
                fields.number("appliedIndex"),
                fields.number("caughtUpIndex"),
                fields.flag("fullyCaughtUp"),
                fields.number("logStart"),
                fields.number("installedIndex"),
                fields.number("appliedOneByOne"),
                fields.number("firstAppliedIndex"));
    }

    /** Whether this node knows {@code expected} files and has all of them. */
    boolean holds(long expected) {
        return files == expected && missing == 0 && caughtUpIndex >= appliedIndex;
    }
}
