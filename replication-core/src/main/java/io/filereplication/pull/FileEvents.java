package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.storage.LocalRecord;

/**
 * What happens to this node's files, for the application. Called on workers, outside every lock of the puller; an
 * exception is logged and counted.
 */
public interface FileEvents {
    /** Hears nothing. */
    FileEvents NONE = new FileEvents() {};

    /** {@code entry} is whole, verified, durable and visible here, at a path that was free before. */
    default void onPublished(FileEntry entry) {}

    /** The same, in the place of {@code before}. */
    default void onReplaced(LocalRecord before, FileEntry entry) {}

    /** The local copy is about to be removed; told again when that is put off. */
    default void beforeRemove(LocalRecord record) {}

    /** {@code fullyCaughtUp()} has become {@code ready}. */
    default void onReadinessChanged(boolean ready) {}
}
