package io.filereplication.demo;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.ManifestView;
import io.filereplication.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads every published file and hashes it: asks nothing of the code under test but the manifest. One use, one thread;
 * blocks for as long as the disk takes.
 */
final class TreeCheck {
    /** How many findings are told in words. */
    static final int FINDINGS = 20;

    private static final int PAGE = 1_000;
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path root;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final MessageDigest tree = Sha256.newDigest();
    private final List<String> findings = new ArrayList<>();
    private final Set<String> registered = new HashSet<>();
    private long files;
    private long bytes;
    private long absent;
    private long different;
    private long unknown;

    private TreeCheck(Path root) {
        this.root = root;
    }

    /** Compares the files below {@code root}, a node's storage, with {@code manifest}, both ways. */
    static TreeReport of(Path root, ManifestView manifest) throws IOException {
        TreeCheck check = new TreeCheck(root);
        check.registeredFiles(manifest);
        check.filesOnDisk();
        return new TreeReport(
                check.files,
                check.bytes,
                check.absent,
                check.different,
                check.unknown,
                Sha256.of(check.tree.digest()).hex(),
                check.findings);
    }

    /** The digest that {@link TreeReport#digest()} has for exactly these files, {@code paths} being sorted. */
    static String digestOf(Path root, List<FilePath> paths) throws IOException {
        TreeCheck check = new TreeCheck(root);
        for (FilePath path : paths) {
            Path file = check.root.resolve(path.value());
            check.take(path, Files.size(file), check.hash(file));
        }
        return Sha256.of(check.tree.digest()).hex();
    }

    private void registeredFiles(ManifestView manifest) throws IOException {
        FilePath last = null;
        for (List<FileEntry> page = manifest.page(last, PAGE); !page.isEmpty(); page = manifest.page(last, PAGE)) {
            for (FileEntry entry : page) {
                registered.add(entry.path().value());
                registeredFile(entry);
            }
            last = page.get(page.size() - 1).path();
        }
    }

    private void registeredFile(FileEntry entry) throws IOException {
        Path file = root.resolve(entry.path().value());
        if (!Files.isRegularFile(file)) {
            absent++;
            find(entry.path() + " is registered and not on the disk");
            return;
        }
        long size = Files.size(file);
        Sha256 sha256 = hash(file);
        take(entry.path(), size, sha256);
        if (size == entry.sizeBytes() && sha256.equals(entry.sha256())) {
            files++;
            bytes += size;
        } else {
            different++;
            find(entry.path() + " has " + size + " bytes with SHA-256 " + sha256 + ", the manifest says "
                    + entry.sizeBytes() + " bytes with SHA-256 " + entry.sha256());
        }
    }

    private void filesOnDisk() throws IOException {
        if (!Files.isDirectory(root)) {
            return;
        }
        Path reserved = root.resolve(FilePath.RESERVED_SEGMENT);
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path file : (Iterable<Path>) paths.filter(Files::isRegularFile)::iterator) {
                if (!file.startsWith(reserved)
                        && !registered.contains(root.relativize(file).toString())) {
                    unknown++;
                    find(root.relativize(file) + " is on the disk and not registered");
                }
            }
        }
    }

    private Sha256 hash(Path file) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return Sha256.of(digest.digest());
    }

    private void take(FilePath path, long size, Sha256 sha256) {
        tree.update((path.value() + "\n" + size + "\n" + sha256.hex() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void find(String finding) {
        if (findings.size() < FINDINGS) {
            findings.add(finding);
        }
    }
}
