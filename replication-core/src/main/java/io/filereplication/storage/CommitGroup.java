package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.Commit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Renames that share directories: the way to each directory is looked at for the first file that goes there, and each directory
 * that changed is fsynced once, after the last. What fails, fails those that it concerns.
 */
final class CommitGroup {
    private final List<Commit> commits;
    private final LocalHandles.Failures wording;
    private final List<@Nullable StorageException> failures;

    CommitGroup(List<Commit> commits, LocalHandles.Failures wording) {
        this.commits = commits;
        this.wording = wording;
        this.failures = new ArrayList<>(Collections.nCopies(commits.size(), null));
    }

    /** Makes one of the renames; {@code wayIsKnown} when another file was renamed into the same directory just now. */
    @FunctionalInterface
    interface Rename {
        void rename(Commit commit, boolean wayIsKnown) throws IOException, StorageException;
    }

    /** Makes the names in one directory durable. */
    @FunctionalInterface
    interface Sync<T> {
        void sync(T directory) throws IOException, StorageException;
    }

    /** Why each commit failed; null for one that did not. */
    List<@Nullable StorageException> failures() {
        return failures;
    }

    void rename(Rename rename) {
        Map<@Nullable FilePath, Boolean> known = new HashMap<>();
        for (int i = 0; i < commits.size(); i++) {
            Commit commit = commits.get(i);
            FilePath directory = commit.path().parent();
            try {
                rename.rename(commit, known.containsKey(directory));
                known.put(directory, true);
            } catch (IOException e) {
                fail(i, e);
            } catch (StorageException e) {
                failures.set(i, e);
            }
        }
    }

    /** Fsyncs the directory of each published name, given by one of its files, and that of each old one. */
    void syncDirectories(Sync<FilePath> published, Sync<Area> own) {
        Map<@Nullable FilePath, List<Integer>> byDirectory = new HashMap<>();
        Set<Area> areas = EnumSet.noneOf(Area.class);
        for (int i = 0; i < commits.size(); i++) {
            if (failures.get(i) == null) {
                Commit commit = commits.get(i);
                byDirectory
                        .computeIfAbsent(commit.path().parent(), directory -> new ArrayList<>())
                        .add(i);
                areas.add(commit.from().area());
            }
        }
        for (List<Integer> together : byDirectory.values()) {
            FilePath any = commits.get(together.get(0)).path();
            sync(() -> published.sync(any), together);
        }
        for (Area area : areas) {
            List<Integer> together = new ArrayList<>();
            for (int i = 0; i < commits.size(); i++) {
                if (failures.get(i) == null && commits.get(i).from().area() == area) {
                    together.add(i);
                }
            }
            sync(() -> own.sync(area), together);
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException, StorageException;
    }

    private void sync(Step step, List<Integer> concerned) {
        try {
            step.run();
        } catch (IOException e) {
            concerned.forEach(i -> fail(i, e));
        } catch (StorageException e) {
            concerned.forEach(i -> failures.set(i, e));
        }
    }

    private void fail(int i, IOException cause) {
        Commit commit = commits.get(i);
        failures.set(i, wording.failed("rename " + commit.from() + " to " + commit.path(), cause, 1));
    }
}
