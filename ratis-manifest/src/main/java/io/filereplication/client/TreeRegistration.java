package io.filereplication.client;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.ManifestView;
import io.filereplication.manifest.OperationStatus;
import io.filereplication.time.Scheduler;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Registers many files that are already in place, a few at a time. Thread-safe. */
public final class TreeRegistration {
    /** As many as are hashed at once, and as many again whose registration is on its way. */
    private static final int AT_ONCE = 8;

    private static final int KEPT_FAILURES = 100;

    private final Scheduler scheduler;
    private final ManifestView manifest;
    private final Function<FilePath, CompletableFuture<FileEntry>> register;
    private final CompletableFuture<Summary> done = new CompletableFuture<>();
    private final Map<FilePath, Throwable> failures = new LinkedHashMap<>();
    private @Nullable Iterator<FilePath> rest;
    private int running;
    private long registered;
    private long skipped;
    private long failed;

    TreeRegistration(
            Scheduler scheduler, ManifestView manifest, Function<FilePath, CompletableFuture<FileEntry>> register) {
        this.scheduler = scheduler;
        this.manifest = manifest;
        this.register = register;
    }

    /**
     * What became of the files.
     *
     * @param registered files that were not registered and are now
     * @param skipped files whose path was registered already, or was registered by somebody else first
     * @param failed files that are still not registered
     * @param failures why, for the first 100 of them
     */
    public record Summary(long registered, long skipped, long failed, Map<FilePath, Throwable> failures) {
        public Summary {
            failures = Map.copyOf(failures);
        }
    }

    /** Completes when each file was registered, skipped or has failed. */
    CompletableFuture<Summary> done() {
        return done;
    }

    void begin(List<FilePath> paths) {
        synchronized (this) {
            rest = paths.iterator();
            running = AT_ONCE;
        }
        for (int i = 0; i < AT_ONCE; i++) {
            scheduler.executeSoon(this::next);
        }
    }

    /** One after another, on a worker each time, so that the stack stays flat. */
    private void next() {
        FilePath path = take();
        if (path == null) {
            return;
        }
        var unused = register.apply(path).whenComplete((entry, failure) -> {
            count(path, failure);
            scheduler.executeSoon(this::next);
        });
    }

    private @Nullable FilePath take() {
        Summary summary;
        synchronized (this) {
            Iterator<FilePath> paths = rest;
            while (!done.isDone() && paths != null && paths.hasNext()) {
                FilePath path = paths.next();
                if (manifest.get(path) == null) {
                    return path;
                }
                skipped++;
            }
            running--;
            if (running > 0) {
                return null;
            }
            summary = new Summary(registered, skipped, failed, failures);
        }
        done.complete(summary);
        return null;
    }

    private synchronized void count(FilePath path, @Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause == null) {
            registered++;
        } else if (cause instanceof RegistrationRefusedException refused
                && refused.status() == OperationStatus.EXISTS) {
            skipped++;
        } else {
            failed++;
            if (failures.size() < KEPT_FAILURES) {
                failures.put(path, cause);
            }
        }
    }
}
