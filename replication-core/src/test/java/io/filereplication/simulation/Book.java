package io.filereplication.simulation;

import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.PrefixHasher;
import io.filereplication.Sha256;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The checkers' own book: every content that was ever put, and which version each registration gave it. */
final class Book {
    private final SplittableRandom random;
    private final Map<FilePath, Map<Lsn, byte[]>> versions = new TreeMap<>();
    private final Map<Sha256, byte[]> contents = new LinkedHashMap<>();
    private int made;

    Book(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** New bytes, unlike any before; empty ones are only alike in being empty. */
    byte[] newContent(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        if (size >= Integer.BYTES) {
            ByteBuffer.wrap(bytes).putInt(made);
        }
        made++;
        contents.put(digestOf(bytes), bytes);
        return bytes;
    }

    static Sha256 digestOf(byte[] bytes) {
        PrefixHasher hasher = new PrefixHasher();
        hasher.update(ByteBuffer.wrap(bytes));
        return hasher.digestSoFar();
    }

    /** Whether somebody made bytes of this digest; nobody made what has rotted. */
    boolean knows(Sha256 digest) {
        return contents.containsKey(digest);
    }

    void registered(FilePath path, Lsn version, Sha256 digest) {
        byte[] bytes = contents.get(digest);
        if (bytes == null) {
            throw new IllegalStateException("Nobody made " + digest);
        }
        versions.computeIfAbsent(path, p -> new TreeMap<>()).put(version, bytes);
    }

    byte @Nullable [] contentOf(FilePath path, Lsn version) {
        return versions.getOrDefault(path, Map.of()).get(version);
    }

    /** The versions of {@code path} that had these bytes. */
    List<Lsn> versionsOf(FilePath path, byte[] bytes) {
        return versions.getOrDefault(path, Map.of()).entrySet().stream()
                .filter(version -> Arrays.equals(version.getValue(), bytes))
                .map(Map.Entry::getKey)
                .toList();
    }
}
