package io.filereplication.fetch;

import io.filereplication.FileEntry;
import io.filereplication.PrefixHasher;
import io.filereplication.storage.StagedFile;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * One wanted file of a fetch.
 *
 * @param entry what to fetch; its digest is what the bytes must have
 * @param destination where the bytes go; its length is the offset at which they continue, 0 or a multiple of the chunk
 * @param hasher has taken exactly the bytes of {@code destination}; after the fetch it has taken those as well, except that
 *     it is of no further use after a checksum mismatch or when our own disk failed
 * @param cancelled polled at every frame and every 100 ms; once true the fetch ends with {@link FetchCancelledException}
 */
public record FetchItem(FileEntry entry, StagedFile destination, PrefixHasher hasher, BooleanSupplier cancelled) {
    public FetchItem {
        Objects.requireNonNull(entry, "entry");
        Objects.requireNonNull(cancelled, "cancelled");
        if (hasher.position() != destination.length()) {
            throw new IllegalArgumentException("The hasher of " + entry.version() + " has taken " + hasher.position()
                    + " bytes but " + destination.length() + " are staged");
        }
    }

    /** The offset at which the fetch continues, bytes. */
    public long offset() {
        return hasher.position();
    }
}
