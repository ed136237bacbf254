package io.filereplication.demo;

import java.util.Locale;

/** What a node process can be asked to do. Everything but {@link #STATUS} runs one after another. */
enum Verb {
    /** Start the node: the fields of {@link NodeSettings}. */
    START,
    /** {@link NodeReport}, at once, whatever else is running. */
    STATUS,
    /** Write Parquet files of the days [{@code first}, {@code first + count}) and put them: {@code files}, {@code bytes}, {@link Totals}. */
    WRITE,
    /** Put the files [{@code first}, {@code first + count}) of the tree {@code directory}: {@code files}, {@code bytes}. */
    COPY,
    /** Hash every file below the storage root, or below {@code directory}, against the manifest: {@link TreeReport}. */
    CHECK,
    /** Run the query over this node's own files: {@link Totals}. */
    QUERY,
    /** Make {@code peers} the members of the group. */
    RECONFIGURE,
    /** Have the leader take a snapshot: {@code index} of it, and {@code logStart} once the log below it is purged. */
    SNAPSHOT,
    /** Close the node and end the process. */
    STOP;

    /** As it is written in a {@link Message}. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The verb written as {@code word}; throws {@link IllegalArgumentException} when there is none. */
    static Verb of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
