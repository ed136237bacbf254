package io.filereplication.pull;

import io.filereplication.FilePath;
import io.filereplication.InvalidFilePathException;
import org.jspecify.annotations.Nullable;

/**
 * How far the last scrub came: {@code <begun, milliseconds since the epoch> finished}, or {@code <begun> after <path>}, or
 * {@code <begun> begun}.
 *
 * @param cursor the last file that was scrubbed; null before the first, and when it is finished
 */
record ScrubProgress(
        long begunMillis, boolean finished, @Nullable FilePath cursor) {
    private static final String FINISHED = "finished";
    private static final String BEGUN = "begun";
    private static final String AFTER = "after ";

    String text() {
        FilePath last = cursor;
        return begunMillis + " " + (finished ? FINISHED : last == null ? BEGUN : AFTER + last.value());
    }

    /** Null when there is none, or one that this build does not understand: as if nothing had ever been scrubbed. */
    static @Nullable ScrubProgress parse(@Nullable String text) {
        int space = text == null ? -1 : text.indexOf(' ');
        if (text == null || space < 0) {
            return null;
        }
        String rest = text.substring(space + 1);
        try {
            long begun = Long.parseLong(text.substring(0, space));
            if (rest.startsWith(AFTER)) {
                return new ScrubProgress(begun, false, FilePath.of(rest.substring(AFTER.length())));
            }
            boolean known = rest.equals(FINISHED) || rest.equals(BEGUN);
            return known ? new ScrubProgress(begun, rest.equals(FINISHED), null) : null;
        } catch (NumberFormatException | InvalidFilePathException e) {
            return null;
        }
    }
}
