package io.filereplication.demo;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * A node whose manifest is a directory that all nodes of a run share, and whose pulling is a copy from whoever has the file.
 * What it does wrong is chosen by {@link Fault}.
 */
final class FakeNode implements ReplicatedNode, ManifestView {
    private static final long SNAPSHOT_INDEX = 1_000;

    private final NodeSettings settings;
    private final Fault fault;
    private final Path log;
    private long pulled;
    private long pulledBytes;
    private long logStart;

    /** What a node does wrong. */
    enum Fault {
        NONE,
        /** A node that joins later flips a bit in each file it pulls. */
        FLIPS_A_BIT,
        /** A node that joins later applies what its snapshot contains once more. */
        APPLIES_BELOW_ITS_SNAPSHOT,
        /** A node refuses to start. */
        REFUSES_TO_START
    }

    private FakeNode(NodeSettings settings, Fault fault) throws IOException {
        this.settings = settings;
        this.fault = fault;
        log = Files.createDirectories(settings.secretFile().resolveSibling("fake-log"));
        Files.createDirectories(settings.storage());
        Files.createDirectories(settings.raft());
    }

    static ReplicatedNode start(NodeSettings settings, Fault fault) throws IOException {
        if (fault == Fault.REFUSES_TO_START) {
            throw new IllegalArgumentException("Port " + settings.self().raftPort() + " is in use");
        }
        return new FakeNode(settings, fault);
    }

    @Override
    public CompletableFuture<FileEntry> putAsync(FilePath path, Path source, Attributes attributes) {
        try {
            byte[] bytes = Files.readAllBytes(source);
            Sha256 sha256 = Sha256.of(Sha256.newDigest().digest(bytes));
            write(settings.storage().resolve(path.value()), bytes);
            Lsn lsn = new Lsn(count(), 0);
            String line = String.join(
                    "\t",
                    path.value(),
                    sha256.hex(),
                    Long.toString(bytes.length),
                    settings.self().id());
            Path unfinished = Files.writeString(settings.raft().resolve("unfinished"), line);
            Files.move(unfinished, log.resolve(Long.toString(lsn.index())));
            return CompletableFuture.completedFuture(new FileEntry(
                    path, sha256, bytes.length, NodeId.of(settings.self().id()), Instant.EPOCH, attributes, lsn, lsn));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParent());
        Path unfinished = file.resolveSibling("unfinished");
        Files.write(unfinished, bytes);
        Files.move(unfinished, file);
    }

    @Override
    public ManifestView manifest() {
        return this;
    }

    private boolean joinedLater() {
        return settings.peers().isEmpty();
    }

    @Override
    public synchronized NodeReport status() {
        try {
            for (FileEntry entry : page(null, Integer.MAX_VALUE)) {
                pull(entry.path());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long applied = joinedLater() && fault == Fault.APPLIES_BELOW_ITS_SNAPSHOT ? 7 : -1;
        return new NodeReport(
                "n2",
                count(),
                bytes(),
                0,
                bytes(),
                pulled,
                pulledBytes,
                0,
                0,
                appliedIndex(),
                appliedIndex(),
                true,
                logStart,
                joinedLater() ? SNAPSHOT_INDEX : -1,
                applied < 0 ? 0 : 1,
                applied);
    }

    private void pull(FilePath path) throws IOException {
        Path here = settings.storage().resolve(path.value());
        if (Files.exists(here)) {
            return;
        }
        Path run = settings.secretFile().getParent();
        for (String peer : List.of("node-2", "node-1", "node-3")) {
            Path there = run.resolve(peer).resolve("storage").resolve(path.value());
            if (Files.exists(there)) {
                byte[] bytes = Files.readAllBytes(there);
                if (joinedLater() && fault == Fault.FLIPS_A_BIT) {
                    bytes[bytes.length / 2] ^= 1;
                }
                write(here, bytes);
                pulled++;
                pulledBytes += bytes.length;
                return;
            }
        }
    }

    @Override
    public void reconfigure(List<PeerAddress> peers) {
        // Everybody shares one directory, whoever is a member.
    }

    @Override
    public synchronized long takeSnapshot() {
        logStart = SNAPSHOT_INDEX;
        return SNAPSHOT_INDEX;
    }

    @Override
    public FileEntry get(FilePath path) {
        return page(null, Integer.MAX_VALUE).stream()
                .filter(entry -> entry.path().equals(path))
                .findFirst()
                .orElse(null);
    }

    @Override
    public long appliedIndex() {
        return count() - 1;
    }

    @Override
    public List<FileEntry> page(FilePath after, int limit) {
        try (Stream<Path> lines = Files.list(log)) {
            return lines.map(FakeNode::read)
                    .sorted(Comparator.comparing(FileEntry::path))
                    .filter(entry -> after == null || entry.path().compareTo(after) > 0)
                    .limit(limit)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileEntry read(Path line) {
        try {
            String[] parts = Files.readString(line).split("\t", -1);
            Lsn lsn = new Lsn(Long.parseLong(line.getFileName().toString()), 0);
            return new FileEntry(
                    FilePath.of(parts[0]),
                    Sha256.parse(parts[1]),
                    Long.parseLong(parts[2]),
                    NodeId.of(parts[3]),
                    Instant.EPOCH,
                    Attributes.NONE,
                    lsn,
                    lsn);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long count() {
        try (Stream<Path> lines = Files.list(log)) {
            return lines.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long bytes() {
        return page(null, Integer.MAX_VALUE).stream()
                .mapToLong(FileEntry::sizeBytes)
                .sum();
    }

    @Override
    public boolean isSettled() {
        return true;
    }

    @Override
    public void close() {
        // Nothing is open.
    }

    /** Main class of a process with a node that does nothing wrong. */
    static final class Healthy {
        public static void main(String[] args) throws IOException {
            DemoNode.run(System.in, settings -> start(settings, Fault.NONE));
        }
    }

    /** Main class of a process with {@link Fault#FLIPS_A_BIT}. */
    static final class Flipping {
        public static void main(String[] args) throws IOException {
            DemoNode.run(System.in, settings -> start(settings, Fault.FLIPS_A_BIT));
        }
    }

    /** Main class of a process with {@link Fault#APPLIES_BELOW_ITS_SNAPSHOT}. */
    static final class Replaying {
        public static void main(String[] args) throws IOException {
            DemoNode.run(System.in, settings -> start(settings, Fault.APPLIES_BELOW_ITS_SNAPSHOT));
        }
    }

    /** Main class of a process with {@link Fault#REFUSES_TO_START}. */
    static final class Refusing {
        public static void main(String[] args) throws IOException {
            DemoNode.run(System.in, settings -> start(settings, Fault.REFUSES_TO_START));
        }
    }

    /** Main class of a whole demo of healthy fake nodes. */
    static final class WholeDemo {
        public static void main(String[] args) {
            Demo demo = new Demo(System.out, System::nanoTime, Healthy.class);
            System.exit(demo.run(List.of(args)));
        }
    }
}
