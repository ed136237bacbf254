package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.Sha256;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Files that were removed, or were in the way of a registered one, and are kept for a while. Each lies under a name that begins with
 * the time it came, in milliseconds; beside it, with {@code .path} behind the name, a text file says where it was. The name of one
 * that was in the way, or was left behind by a version that does not come here or by an earlier process, ends in a digest of its path: it
 * may be of a version whose registration is still to come, and the only copy, so it stays as long as its path's is missing.
 */
final class Trash {
    /** How long a file is kept. */
    static final Duration KEPT = Duration.ofHours(24);

    private static final Duration PURGE_INTERVAL = Duration.ofMinutes(10);
    private static final String PATH_SUFFIX = ".path";
    private static final int PATH_DIGITS = 16;
    /** The time, a number, and of what may be missed the digest of its path. */
    private static final Pattern NAME = Pattern.compile(
            "(?<time>[0-9]{1,18})-[0-9]+([-.](?<displaced>[0-9a-f]{" + PATH_DIGITS + "}))?(?<suffix>[.][a-z.]+)?");
    /** Before the digest: people are to leave the file alone. */
    private static final String NOT_FOR_PEOPLE = "-";
    /** Before the digest: it is one of many that were removed at once, for people to take back. */
    private static final String FOR_PEOPLE = ".";

    private final StorageBackend backend;
    private final InstantSource clock;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong purgeFromMillis = new AtomicLong();
    /** By the digest of its path, the oldest first. */
    private final Map<String, List<Displaced>> displaced = new ConcurrentHashMap<>();

    /** A file that was in the way. */
    static final class Displaced {
        private final OwnName name;
        private volatile @Nullable Sha256 content;

        Displaced(OwnName name) {
            this.name = name;
        }

        OwnName name() {
            return name;
        }

        /** What was found in it, or null. */
        @Nullable
        Sha256 content() {
            return content;
        }

        /** It was hashed; it never changes. */
        void contains(Sha256 found) {
            content = found;
        }
    }

    Trash(StorageBackend backend, InstantSource clock) throws StorageException {
        this.backend = backend;
        this.clock = clock;
        List<String> names = backend.ownNames(Area.TRASH);
        next.set(names.size());
        for (String name : names.stream().sorted().toList()) {
            Matcher parts = NAME.matcher(name);
            if (parts.matches() && parts.group("displaced") != null && parts.group("suffix") == null) {
                add(parts.group("displaced"), new OwnName(Area.TRASH, name));
            }
        }
    }

    private void add(String digest, OwnName name) {
        displaced.merge(digest, List.of(new Displaced(name)), (before, added) -> {
            List<Displaced> all = new ArrayList<>(before);
            all.addAll(added);
            return List.copyOf(all);
        });
    }

    private void forget(String digest, OwnName name) {
        displaced.computeIfPresent(digest, (key, names) -> {
            List<Displaced> others =
                    names.stream().filter(other -> !other.name().equals(name)).toList();
            return others.isEmpty() ? null : others;
        });
    }

    private static String digestOf(FilePath path) {
        byte[] digest = Sha256.newDigest().digest(path.toUtf8());
        return HexFormat.of().formatHex(digest).substring(0, PATH_DIGITS);
    }

    /** Moves the published file there. Durable on return. */
    void take(FilePath path) throws StorageException {
        move(path, backend.stamp(path), freeName(clock.millis(), ""));
    }

    /**
     * {@link #take} of a file that, like what was in the way, may be of a version whose registration is still to come, and the only
     * copy.
     */
    void takeDisplaced(FilePath path) throws StorageException {
        takeDisplaced(path, clock.millis(), NOT_FOR_PEOPLE);
    }

    /** {@link #takeDisplaced} of one of many that are removed at once. */
    void takeDisplacedForPeople(FilePath path) throws StorageException {
        takeDisplaced(path, clock.millis(), FOR_PEOPLE);
    }

    private void takeDisplaced(FilePath path, long sinceMillis, String separator) throws StorageException {
        String digest = digestOf(path);
        OwnName name = freeName(sinceMillis, separator + digest);
        FileStamp before = backend.stamp(path);
        add(digest, name); // first: whoever misses the published file finds this one
        move(path, before, name);
    }

    /** {@link #takeDisplaced} of what is needed for a few minutes at most: {@link #purge} deletes it as soon as nobody misses it. */
    void takeAside(FilePath path) throws StorageException {
        takeDisplaced(path, clock.millis() - KEPT.toMillis(), NOT_FOR_PEOPLE);
    }

    /** Moves the file that looks like {@code before}. */
    private void move(FilePath path, @Nullable FileStamp before, OwnName name) throws StorageException {
        try {
            note(name, path);
            backend.withdraw(path, name);
        } catch (StorageException e) {
            dropUnlessMoved(path, before, name, e);
            throw e;
        }
    }

    /** Of a failure nobody knows whether the file has moved; when it has not, the next try moves it to another name. */
    private void dropUnlessMoved(FilePath path, @Nullable FileStamp before, OwnName name, StorageException failure) {
        try {
            if (before != null && before.equals(backend.stamp(path))) {
                drop(name, failure);
            }
        } catch (StorageException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Keeps the published file for when another takes its name; until then it stays where it is. Durable on return.
     *
     * @return what {@link #drop} needs when nothing takes the name after all
     */
    OwnName keep(FilePath path) throws StorageException {
        return keep(path, clock.millis());
    }

    /** {@link #keep} of what is needed for a few minutes at most: {@link #purge} deletes it as soon as nobody misses it. */
    OwnName keepAside(FilePath path) throws StorageException {
        return keep(path, clock.millis() - KEPT.toMillis());
    }

    private OwnName keep(FilePath path, long sinceMillis) throws StorageException {
        String digest = digestOf(path);
        OwnName name = freeName(sinceMillis, NOT_FOR_PEOPLE + digest);
        try {
            note(name, path);
            backend.preserve(path, name);
            add(digest, name);
            return name;
        } catch (StorageException e) {
            // Whether it is there or not, the file still has its published name; what is tried again adds nothing.
            drop(name, e);
            throw e;
        }
    }

    /** Forgets what has its published name still, after {@code failure}. */
    void drop(OwnName kept, StorageException failure) {
        try {
            delete(kept);
            backend.deleteOwn(noteOf(kept));
        } catch (StorageException e) {
            failure.addSuppressed(e);
        }
    }

    private void delete(OwnName name) throws StorageException {
        backend.deleteOwn(name);
        Matcher parts = NAME.matcher(name.name());
        if (parts.matches() && parts.group("displaced") != null) {
            forget(parts.group("displaced"), name);
        }
    }

    /** What was in the way at {@code path} and is still kept, the newest first. Another path's may be among it. No I/O. */
    List<Displaced> displaced(FilePath path) {
        if (displaced.isEmpty()) {
            return List.of();
        }
        List<Displaced> found = new ArrayList<>(displaced.getOrDefault(digestOf(path), List.of()));
        Collections.reverse(found);
        return found;
    }

    private OwnName freeName(long sinceMillis, String suffix) {
        return new OwnName(Area.TRASH, String.format("%013d-%08d%s", sinceMillis, next.getAndIncrement(), suffix));
    }

    private static OwnName noteOf(OwnName name) {
        return new OwnName(Area.TRASH, name.name() + PATH_SUFFIX);
    }

    private void note(OwnName name, FilePath path) throws StorageException {
        try (WriteHandle note = backend.write(noteOf(name))) {
            note.truncate(0);
            note.append(ByteBuffer.wrap(path.toUtf8()));
            note.sync();
        }
    }

    /** Has the next {@link #purge} look, however short ago the last one did. */
    void purgeNext() {
        purgeFromMillis.set(0);
    }

    /**
     * Deletes what has been kept long enough; looks no more often than every ten minutes, because there may be much.
     *
     * @param isMissing whether the registered version of a path is not here: what was in the way there may be it, and stays
     */
    void purge(Predicate<FilePath> isMissing) throws StorageException {
        long now = clock.millis();
        long from = purgeFromMillis.get();
        boolean early = now < from && from - now <= PURGE_INTERVAL.toMillis();
        if (early || !purgeFromMillis.compareAndSet(from, now + PURGE_INTERVAL.toMillis())) {
            return;
        }
        long before = now - KEPT.toMillis();
        for (String text : backend.ownNames(Area.TRASH)) {
            Matcher parts = NAME.matcher(text);
            if (parts.matches() && Long.parseLong(parts.group("time")) <= before) {
                OwnName name = new OwnName(Area.TRASH, text);
                boolean isNote = text.endsWith(PATH_SUFFIX);
                FilePath path = parts.group("displaced") == null ? null : noted(isNote ? name : noteOf(name));
                if (path == null || !isMissing.test(path)) {
                    delete(name);
                }
            }
        }
    }

    /** What the note says; null when there is none, or only a damaged one. */
    private @Nullable FilePath noted(OwnName note) throws StorageException {
        try (ReadHandle in = backend.openOwn(note)) {
            if (in == null || in.stamp().sizeBytes() > FilePath.MAX_BYTES) {
                return null;
            }
            ByteBuffer utf8 = ByteBuffer.allocate((int) in.stamp().sizeBytes());
            while (utf8.hasRemaining() && in.read(utf8, utf8.position()) > 0) {
                // Until it is whole.
            }
            return FilePath.ofUtf8(utf8.array());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
