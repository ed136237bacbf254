package io.filereplication.fetch;

import io.filereplication.wire.Protocol;
import io.filereplication.wire.WantedRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what is missing of the files into requests, each of at most {@link #MAX_REQUEST_BYTES} over its files: a large
 * file takes several, many small ones share one. Files that are over by then are left out.
 */
final class RangePlan {
    /**
     * Half of what a server would send at once: what is under way lies in the network's buffers, which are up to twice as large
     * as what is in them, until it is taken.
     */
    static final int MAX_REQUEST_BYTES = Protocol.MAX_ANSWER_BYTES / 2;

    private final List<FileReception> files;
    private int current;
    private long planned = -1;

    RangePlan(List<FileReception> files) {
        this.files = files;
    }

    /** A request to make: {@code ranges} and the file that each is of. */
    record Step(List<WantedRange> ranges, List<FileReception> files) {
        /** File bytes asked for. */
        long bytes() {
            return ranges.stream().mapToLong(WantedRange::length).sum();
        }
    }

    /** The next request, or null when everything was asked for. */
    @Nullable
    Step next() {
        List<WantedRange> ranges = new ArrayList<>();
        List<FileReception> targets = new ArrayList<>();
        long room = MAX_REQUEST_BYTES;
        while (current < files.size() && ranges.size() < Protocol.MAX_ITEMS) {
            FileReception file = files.get(current);
            if (file.isOver()) {
                advance();
                continue;
            }
            planned = planned < 0 ? file.position() : planned;
            long missing = file.entry().sizeBytes() - planned;
            long length = missing <= room ? missing : room - room % Protocol.CHUNK_BYTES;
            if (length == 0) {
                break;
            }
            ranges.add(WantedRange.of(file.entry(), planned, length));
            targets.add(file);
            room -= length;
            planned += length;
            if (length == missing) {
                advance();
            }
        }
        return ranges.isEmpty() ? null : new Step(ranges, targets);
    }

    private void advance() {
        current++;
        planned = -1;
    }
}
