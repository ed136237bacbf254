package io.filereplication.storage;

import io.filereplication.FileEntry;
import io.filereplication.GroupId;
import io.filereplication.Sha256;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts whose bytes are whole and durable, each under a number, with a description ({@link PutContent}) under the same number and
 * {@code .put}. A put exists exactly while both are there; the records know nothing of it, and losing them loses no put.
 */
final class FinishedPuts {
    private static final String DESCRIPTION = ".put";
    private static final Logger LOG = LoggerFactory.getLogger(FinishedPuts.class);

    private final StorageBackend backend;
    private final GroupId group;
    private final NodeLog log;
    private final Map<OwnName, PutContent> puts = new ConcurrentHashMap<>();
    private final AtomicLong nextNumber = new AtomicLong();

    FinishedPuts(StorageBackend backend, GroupId group, NodeLog log) {
        this.backend = backend;
        this.group = group;
        this.log = log;
    }

    /** Finds what earlier processes finished, and deletes what they did not. Hashes nothing. */
    void recover() throws StorageException {
        Set<String> found = new TreeSet<>(backend.ownNames(Area.PUTS));
        for (String number : found) {
            if (isNumber(number)) {
                nextNumber.set(Long.parseLong(number) + 1);
                OwnName name = new OwnName(Area.PUTS, number);
                PutContent content = found.contains(number + DESCRIPTION) ? described(name) : null;
                if (content != null) {
                    puts.put(name, content);
                }
            }
        }
        for (String name : found) {
            String number = name.endsWith(DESCRIPTION) ? name.substring(0, name.length() - DESCRIPTION.length()) : name;
            if (!puts.containsKey(new OwnName(Area.PUTS, number))) {
                backend.deleteOwn(new OwnName(Area.PUTS, name));
            }
        }
        // A number that is used again must not meet what the power brings back.
        backend.syncNames(Area.PUTS);
    }

    private static boolean isNumber(String name) {
        return name.length() == 16 && name.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** What the bytes under {@code name} are said to be, when they can be that and are not published already; else null. */
    private @Nullable PutContent described(OwnName name) throws StorageException {
        OwnName description = descriptionOf(name);
        byte[] bytes;
        FileStamp stamp;
        try (ReadHandle in = backend.openOwn(description);
                ReadHandle put = backend.openOwn(name)) {
            if (in == null || put == null || in.stamp().sizeBytes() > PutContent.MAX_BYTES) {
                return null;
            }
            stamp = put.stamp();
            bytes = readAll(in);
        }
        PutContent content = PutContent.parse(bytes, group, description);
        if (content == null || content.sizeBytes() != stamp.sizeBytes()) {
            log.info(LOG, "{} has no whole description and is deleted: the put was not finished", name);
            return null;
        }
        // The power may have gone between a rename's new name and the loss of the old one. Two names of one file are no
        // put: what is staged may be written to.
        return stamp.fileKey() != 0 && stamp.equals(published(content)) ? null : content;
    }

    private @Nullable FileStamp published(PutContent content) throws StorageException {
        try {
            return backend.stamp(content.path());
        } catch (PathConflictException e) {
            return null;
        }
    }

    private static byte[] readAll(ReadHandle in) throws StorageException {
        ByteBuffer all = ByteBuffer.allocate((int) in.stamp().sizeBytes());
        int read = 0;
        while (all.hasRemaining() && read >= 0) {
            read = in.read(all, all.position());
        }
        return all.array();
    }

    private static OwnName descriptionOf(OwnName name) {
        return new OwnName(Area.PUTS, name.name() + DESCRIPTION);
    }

    /** A name that no put has. */
    OwnName newName() {
        return new OwnName(Area.PUTS, String.format("%016d", nextNumber.getAndIncrement()));
    }

    /** The bytes under {@code name} are durable and are this. On return they survive the power and the loss of the records. */
    void finish(OwnName name, PutContent content) throws StorageException {
        try (WriteHandle out = backend.write(descriptionOf(name))) {
            out.truncate(0);
            out.append(ByteBuffer.wrap(content.toBytes(group)));
            out.sync();
        }
        backend.syncNames(Area.PUTS);
        puts.put(name, content);
    }

    /** What the bytes under {@code name} are, or null when that is no finished put. */
    @Nullable
    PutContent get(OwnName name) {
        return puts.get(name);
    }

    /** The names of all, the oldest first. */
    List<OwnName> names() {
        return puts.keySet().stream()
                .sorted(Comparator.comparing(OwnName::name))
                .toList();
    }

    /** The names of those with the content that {@code entry} registers, the oldest first. */
    List<OwnName> of(FileEntry entry) {
        return those(content -> content.isOf(entry));
    }

    /** The names of those that {@code entry}, of this node, is the registration of: mostly one at most. */
    List<OwnName> registeredBy(FileEntry entry) {
        return those(content -> content.isRegisteredBy(entry));
    }

    private List<OwnName> those(Predicate<PutContent> wanted) {
        if (puts.isEmpty()) {
            return List.of();
        }
        List<OwnName> found = new ArrayList<>();
        puts.forEach((name, content) -> {
            if (wanted.test(content)) {
                found.add(name);
            }
        });
        found.sort(Comparator.comparing(OwnName::name));
        return found;
    }

    /** The digests of all of them. */
    Set<Sha256> contents() {
        return puts.values().stream().map(PutContent::sha256).collect(Collectors.toCollection(HashSet::new));
    }

    /** The bytes under {@code name} are gone, renamed or deleted: so is what was said of them. */
    void forget(OwnName name) throws StorageException {
        backend.deleteOwn(descriptionOf(name));
        puts.remove(name);
    }
}
