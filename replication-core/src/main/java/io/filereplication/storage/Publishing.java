package io.filereplication.storage;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles.Outcome;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.time.KeyedLock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One file on its way to its published name: how far the {@link Publisher} has come with it. Used by one thread at a time. */
final class Publishing {
    private final StagedBytes staged;
    private final PrefixDigests content;
    private final FileEntry entry;
    private @Nullable FileStamp stamp;
    private KeyedLock.@Nullable Held held;
    private Publisher.@Nullable Found found;
    private @Nullable OwnName kept;
    private @Nullable Outcome outcome;

    /** {@code content} are the digests of the staged bytes, which are the whole of {@code entry}. */
    Publishing(StagedBytes staged, PrefixDigests content, FileEntry entry) {
        this.staged = staged;
        this.content = content;
        this.entry = entry;
    }

    /** Something that fails this file alone. */
    @FunctionalInterface
    interface Step {
        void run() throws StorageException;
    }

    void step(Step step) {
        try {
            step.run();
        } catch (StorageException e) {
            failed(e);
        }
    }

    /** Makes the bytes durable. */
    void fsync() {
        step(() -> {
            staged.out().sync();
            stamp = staged.out().stamp();
        });
    }

    void hold(KeyedLock.Held path) {
        held = path;
    }

    void letGo() {
        Objects.requireNonNull(held, "not held").close();
    }

    StagedBytes staged() {
        return staged;
    }

    PrefixDigests content() {
        return content;
    }

    FileEntry entry() {
        return entry;
    }

    FilePath path() {
        return entry.path();
    }

    /** The record that it has once it is published. */
    LocalRecord record() {
        return new LocalRecord(entry.version(), entry.sha256(), Objects.requireNonNull(stamp, "not fsynced"));
    }

    /** What was at the path when it was looked at. */
    void found(Publisher.Found before) {
        found = before;
    }

    Publisher.Found found() {
        return Objects.requireNonNull(found, "not looked at");
    }

    /** What was there was kept in the trash under this name. */
    void kept(OwnName name) {
        kept = name;
    }

    @Nullable
    OwnName kept() {
        return kept;
    }

    void decided(Publication publication) {
        outcome = new Outcome.Decided(publication);
    }

    void failed(StorageException reason) {
        outcome = new Outcome.Failed(reason);
    }

    /** Whether its outcome is still to come. */
    boolean isOpen() {
        return outcome == null;
    }

    Outcome outcome() {
        return outcome == null ? new Outcome.NotBegun() : outcome;
    }
}
