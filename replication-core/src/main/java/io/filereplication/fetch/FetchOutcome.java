package io.filereplication.fetch;

import io.filereplication.storage.StorageException;

/** How the fetch of one {@link FetchItem} ended. */
public sealed interface FetchOutcome {
    /** Bytes that this fetch received, verified and appended: at most the item's missing ones. */
    long receivedBytes();

    /** The whole file is staged and its digest is the entry's. */
    record Received(long receivedBytes) implements FetchOutcome {}

    /** The peer or the way to it failed. What was received before is staged and verified up to a chunk boundary. */
    record Failed(FetchException reason, long receivedBytes) implements FetchOutcome {}

    /** Our own disk failed. */
    record NotStored(StorageException reason, long receivedBytes) implements FetchOutcome {}
}
