package io.filereplication.wire;

import io.filereplication.FileEntry;
import io.filereplication.FileVersion;
import io.filereplication.Sha256;
import java.util.Objects;

/**
 * One file of a request: which bytes of which version.
 *
 * @param version path and position in the log: a peer that holds another version of the path must not send it
 * @param sha256 digest of the whole file
 * @param sizeBytes its size
 * @param offset where to begin, a multiple of the chunk
 * @param length how many bytes; 0 only asks whether the file is there
 * @param badCopy the requester was sent bytes of this version that did not match: the peer is to verify its own copy, and
 *     sends none of it; offset and length are 0
 */
public record WantedRange(FileVersion version, Sha256 sha256, long sizeBytes, long offset, long length, boolean badCopy)
        implements RequestedItem {
    public WantedRange {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(sha256, "sha256");
        if (sizeBytes < 0 || length < 0 || length > Protocol.MAX_ANSWER_BYTES) {
            throw new IllegalArgumentException(
                    "A range of " + length + " bytes of a file of " + sizeBytes + " bytes cannot be asked for");
        }
        if (badCopy && (offset != 0 || length != 0)) {
            throw new IllegalArgumentException(
                    "A report of bad bytes asks for none, not for " + length + " bytes from " + offset);
        }
    }

    /** The bytes of {@code entry} from {@code offset} on, {@code length} of them. */
    public static WantedRange of(FileEntry entry, long offset, long length) {
        return new WantedRange(entry.version(), entry.sha256(), entry.sizeBytes(), offset, length, false);
    }

    /** Says that the peer's bytes of {@code entry} were bad. */
    public static WantedRange badCopy(FileEntry entry) {
        return new WantedRange(entry.version(), entry.sha256(), entry.sizeBytes(), 0, 0, true);
    }

    /** The first byte behind the range. */
    public long end() {
        return offset + length;
    }
}
