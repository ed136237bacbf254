package io.filereplication.benchmark;

import io.filereplication.FilePath;
import io.filereplication.manifest.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Measures one thing about a manifest in a process of its own, where nothing else is on the heap or compiled, and prints the
 * figures separated by spaces.
 *
 * <ul>
 *   <li>{@code heap COUNT}: bytes of heap for each entry;
 *   <li>{@code save COUNT FILE}: nothing; writes a snapshot;
 *   <li>{@code load COUNT FILE}: milliseconds from the beginning of the main method until the manifest, loaded from a
 *       snapshot, has answered a question;
 *   <li>{@code delay COUNT DIRECTORY SNAPSHOTS}: for each snapshot p99 and maximum of the apply delay, and how long it took
 *       to write, in milliseconds.
 * </ul>
 */
final class ManifestProbe {
    private static final int WARM_UP = 20_000;
    private static final int COLLECTIONS = 3;

    private ManifestProbe() {}

    public static void main(String[] args) throws IOException {
        long began = System.nanoTime();
        long count = Long.parseLong(args[1]);
        switch (args[0]) {
            case "heap" -> System.out.println(heapPerEntry(count));
            case "save" -> save(count, Path.of(args[2]));
            case "load" -> System.out.println(load(began, count, Path.of(args[2])));
            case "delay" -> delay(count, Path.of(args[2]), Integer.parseInt(args[3]));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static double heapPerEntry(long count) {
        // Classes and their constants are no part of an entry.
        ManifestEntries.fill(new Manifest(ManifestEntries.GROUP), 0, WARM_UP);
        long before = usedAfterCollection();
        Manifest manifest = new Manifest(ManifestEntries.GROUP);
        ManifestEntries.fill(manifest, 0, count);
        return (usedAfterCollection() - before) / (double) manifest.count();
    }

    private static long usedAfterCollection() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void save(long count, Path file) throws IOException {
        Manifest manifest = new Manifest(ManifestEntries.GROUP);
        ManifestEntries.fill(manifest, 0, count);
        try (OutputStream out = Files.newOutputStream(file)) {
            manifest.writeSnapshot(out);
        }
    }

    private static double load(long began, long count, Path file) throws IOException {
        Manifest manifest = new Manifest(ManifestEntries.GROUP);
        try (InputStream in = Files.newInputStream(file)) {
            manifest.loadSnapshot(in);
        }
        FilePath last = ManifestEntries.register(count - 1).path();
        if (manifest.count() != count || manifest.get(last) == null) {
            throw new IllegalStateException("The snapshot held " + manifest.count() + " of " + count + " entries");
        }
        return (System.nanoTime() - began) / 1e6;
    }

    private static void delay(long count, Path directory, int snapshots) throws IOException {
        Manifest manifest = new Manifest(ManifestEntries.GROUP);
        ManifestEntries.fill(manifest, 0, count);
        ApplyDelay delay = new ApplyDelay(manifest, count, directory);
        for (int i = 0; i < snapshots; i++) {
            ApplyDelay.Delays delays = delay.aroundOneSnapshot();
            System.out.printf(Locale.ROOT, "%.3f %.3f %.3f%n", delays.p99(), delays.max(), delays.written());
        }
    }
}
