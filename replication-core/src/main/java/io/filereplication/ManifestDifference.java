package io.filereplication;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of each file when one manifest took the place of another: which appeared, which disappeared, and of which the
 * content changed. In path order; a file whose version is the same in both is left out, even when its attributes differ.
 *
 * <p>Nothing is computed and nothing is copied before somebody iterates; a step then takes as long as there are equal files
 * before the next difference. So iterate elsewhere than on the thread that announced the difference, and let go of it
 * afterwards: until then the old manifest stays in memory.
 *
 * <p>What is applied while it is iterated may be seen in it. That is announced besides, so who does both loses nothing.
 *
 * <p>Thread-safe as far as the two manifests are; each iterator belongs to one thread.
 */
public final class ManifestDifference implements Iterable<ManifestDifference.Change> {
    private final Iterable<FileEntry> before;
    private final Iterable<FileEntry> after;

    private ManifestDifference(Iterable<FileEntry> before, Iterable<FileEntry> after) {
        this.before = before;
        this.after = after;
    }

    /** The difference of two manifests, each with its entries in path order. */
    public static ManifestDifference between(Iterable<FileEntry> before, Iterable<FileEntry> after) {
        return new ManifestDifference(Objects.requireNonNull(before, "before"), Objects.requireNonNull(after, "after"));
    }

    @Override
    public Iterator<Change> iterator() {
        return new Merge(before.iterator(), after.iterator());
    }

    /** What became of one file. */
    public sealed interface Change {
        /** The file's path. */
        FilePath path();
    }

    /** The file was not registered before. */
    public record Appeared(FileEntry entry) implements Change {
        public Appeared {
            Objects.requireNonNull(entry, "entry");
        }

        @Override
        public FilePath path() {
            return entry.path();
        }
    }

    /** The file was registered before in another version. */
    public record Changed(FileEntry before, FileEntry after) implements Change {
        public Changed {
            Objects.requireNonNull(before, "before");
            Objects.requireNonNull(after, "after");
        }

        @Override
        public FilePath path() {
            return after.path();
        }
    }

    /** The file is not registered any more. */
    public record Disappeared(FileEntry entry) implements Change {
        public Disappeared {
            Objects.requireNonNull(entry, "entry");
        }

        @Override
        public FilePath path() {
            return entry.path();
        }
    }

    /** Walks both manifests side by side. */
    private static final class Merge implements Iterator<Change> {
        private final Iterator<FileEntry> before;
        private final Iterator<FileEntry> after;
        private @Nullable FileEntry old;
        private @Nullable FileEntry fresh;
        private @Nullable Change next;

        Merge(Iterator<FileEntry> before, Iterator<FileEntry> after) {
            this.before = before;
            this.after = after;
            old = nextOf(before);
            fresh = nextOf(after);
        }

        private static @Nullable FileEntry nextOf(Iterator<FileEntry> entries) {
            return entries.hasNext() ? entries.next() : null;
        }

        @Override
        public boolean hasNext() {
            while (next == null && (old != null || fresh != null)) {
                next = step();
            }
            return next != null;
        }

        @Override
        public Change next() {
            if (!hasNext()) {
                throw new NoSuchElementException("No further difference");
            }
            Change found = Objects.requireNonNull(next);
            next = null;
            return found;
        }

        /** Looks at the lowest path of both, and answers its change, if any. */
        private @Nullable Change step() {
            FileEntry left = old;
            FileEntry right = fresh;
            int order = left == null ? 1 : right == null ? -1 : left.path().compareTo(right.path());
            if (order <= 0) {
                old = nextOf(before);
            }
            if (order >= 0) {
                fresh = nextOf(after);
            }
            if (left != null && order < 0) {
                return new Disappeared(left);
            }
            if (right != null && order > 0) {
                return new Appeared(right);
            }
            return left != null && right != null && !left.contentLsn().equals(right.contentLsn())
                    ? new Changed(left, right)
                    : null;
        }
    }
}
