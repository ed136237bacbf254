package io.filereplication.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The one temporary directory of a run and the processes that work in it. {@link #close()} kills what still runs and
 * deletes everything; the demo calls it at its end and from a shutdown hook, whichever comes first.
 *
 * <p>Thread-safe.
 */
final class RunDirectory implements AutoCloseable {
    private static final int SECRET_BYTES = 32;
    private static final long EXIT_SECONDS = 10;

    private final Path root;
    private final Set<Process> processes = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closer = new AtomicBoolean();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    private RunDirectory(Path root) {
        this.root = root;
    }

    /** A new directory below {@code parent}, which only its owner can enter. */
    static RunDirectory create(Path parent) throws IOException {
        Files.createDirectories(parent);
        return new RunDirectory(Files.createTempDirectory(parent.toRealPath(), "file-replication-demo-"));
    }

    Path root() {
        return root;
    }

    /** Writes a fresh cluster secret, as {@code id:hexadecimal}, to a file that only its owner can read. */
    Path writeSecret(SecureRandom random) throws IOException {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        Path file = root.resolve("cluster-secret");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, "demo:" + HexFormat.of().formatHex(secret) + "\n", StandardOpenOption.WRITE);
        return file;
    }

    /** Starts a process that does not outlive this directory. Fails when the end of the run has begun. */
    Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        processes.add(process);
        // The look comes after the entry: whoever closes has either seen the process or is seen here.
        if (closing.getCount() == 0) {
            process.destroyForcibly();
            throw new IOException("The demo is ending");
        }
        return process;
    }

    /** Whether the end of the run has begun, or begins before {@code patience} is over: a process that is gone then is no news. */
    boolean isClosingWithin(Duration patience) {
        try {
            return closing.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Kills the processes, waits until they are gone, and deletes the directory. Idempotent; a second caller waits for the first. */
    @Override
    public void close() throws IOException {
        if (closer.compareAndSet(false, true)) {
            try {
                closing.countDown();
                processes.forEach(Process::destroyForcibly);
                for (Process process : processes) {
                    process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS);
                }
                delete(root);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("Interrupted before " + root + " was deleted", e);
            } finally {
                closed.countDown();
            }
        } else {
            awaitClosed();
        }
    }

    private void awaitClosed() throws IOException {
        try {
            if (!closed.await(2 * EXIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(root + " is still being deleted");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while " + root + " was being deleted", e);
        }
    }

    /** Deletes {@code directory} and what is in it, if it exists; links are deleted, not followed. */
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try {
            Files.walkFileTree(directory, new Deletion());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
