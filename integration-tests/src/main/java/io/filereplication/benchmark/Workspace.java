package io.filereplication.benchmark;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The temporary directories of a benchmark, one in memory and one on disk, and the processes that work in them. {@link
 * #close} kills what still runs and deletes everything; a shutdown hook does the same when the benchmark is interrupted.
 *
 * <p>Thread-safe.
 */
final class Workspace implements AutoCloseable {
    private static final Path TMPFS = Path.of("/dev/shm");
    private static final long KILL_SECONDS = 10;

    private final Path memory;
    private final Path disk;
    private final Set<Process> processes = ConcurrentHashMap.newKeySet();
    private final Thread hook = new Thread(this::cleanUp, "benchmark-clean-up");

    private Workspace(Path memory, Path disk) {
        this.memory = memory;
        this.disk = disk;
    }

    /** @param onDisk where the directory on disk is made */
    static Workspace create(Path onDisk) throws IOException {
        Files.createDirectories(onDisk);
        Path fast = Files.isWritable(TMPFS) ? TMPFS : onDisk;
        Workspace workspace = new Workspace(
                Files.createTempDirectory(fast, "file-replication-benchmark-"),
                Files.createTempDirectory(onDisk, "file-replication-benchmark-"));
        Runtime.getRuntime().addShutdownHook(workspace.hook);
        return workspace;
    }

    /** A new directory on tmpfs, where there is one. */
    Path inMemory(String name) throws IOException {
        return Files.createTempDirectory(memory, name);
    }

    /** A new directory on a disk. */
    Path onDisk(String name) throws IOException {
        return Files.createTempDirectory(disk, name);
    }

    /** Starts a process that does not outlive this. Its log goes to this process's standard error unless redirected. */
    Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    /** The command that runs {@code main} on this process's java and class path. */
    static List<String> java(List<String> options, Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:-UsePerfData");
        command.addAll(options);
        command.add("-cp");
        List<String> classPath = new ArrayList<>();
        for (String element : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            classPath.add(Path.of(element).toAbsolutePath().toString());
        }
        command.add(String.join(File.pathSeparator, classPath));
        command.add(main.getName());
        command.addAll(arguments);
        return command;
    }

    /** Runs a command to its end and returns what it printed; fails when it fails or takes too long. */
    String run(List<String> command, @Nullable Path directory, Duration timeout)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile(disk, "output", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        Process process = start(builder);
        boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        processes.remove(process);
        String printed = Files.readString(output, StandardCharsets.UTF_8);
        if (!ended || process.exitValue() != 0) {
            throw new IOException("'" + String.join(" ", command) + "' "
                    + (ended ? "ended with " + process.exitValue() : "took longer than " + timeout) + ": " + printed);
        }
        return printed;
    }

    /** Ends a process that was started here and waits until it is gone. */
    void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(KILL_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor(KILL_SECONDS, TimeUnit.SECONDS);
        }
        processes.remove(process);
    }

    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    // Whoever used it was still deleting something itself.
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private void cleanUp() {
        try {
            for (Process process : processes) {
                process.destroyForcibly().waitFor(KILL_SECONDS, TimeUnit.SECONDS);
            }
            delete(memory);
            delete(disk);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            System.err.println("Not everything of " + memory + " and " + disk + " was deleted: " + e);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        cleanUp();
    }
}
