package io.filereplication.demo;

import io.filereplication.Attributes;
import io.filereplication.FilePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what a node process is asked to do. Used by one thread, except for {@link Verb#STATUS}, which may come on
 * another at any time. A failure is an answer, never an exception.
 */
final class NodeCommands {
    private final ReplicatedNode.Starter starter;
    private @Nullable NodeSettings settings;
    private volatile @Nullable ReplicatedNode node;

    NodeCommands(ReplicatedNode.Starter starter) {
        this.starter = starter;
    }

    /** Does what {@code request} says; blocks until it is done. */
    Message answer(Message request) {
        try {
            return request.ok(carryOut(Verb.of(request.word()), request.fields()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return request.error("interrupted");
        } catch (Exception | LinkageError e) {
            e.printStackTrace();
            return request.error(sentence(e));
        }
    }

    private static String sentence(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getName() : message;
    }

    private Fields carryOut(Verb verb, Fields fields) throws Exception {
        return switch (verb) {
            case START -> start(NodeSettings.of(fields));
            case STATUS -> node().status().toFields();
            case WRITE -> write(Math.toIntExact(fields.number("first")), Math.toIntExact(fields.number("count")));
            case COPY ->
                copy(
                        Path.of(fields.text("directory")),
                        Math.toIntExact(fields.number("first")),
                        Math.toIntExact(fields.number("count")));
            case CHECK ->
                check(
                        fields.has("directory")
                                ? Path.of(fields.text("directory"))
                                : settings().storage());
            case QUERY -> query();
            case RECONFIGURE -> reconfigure(PeerAddress.parse(fields.text("peers")));
            case SNAPSHOT -> Fields.NONE.with("index", node().takeSnapshot());
            case STOP -> stop();
        };
    }

    private Fields start(NodeSettings wanted) throws Exception {
        if (node != null) {
            throw new IllegalStateException("The node has been started already");
        }
        settings = wanted;
        node = starter.start(wanted);
        return Fields.NONE;
    }

    private Fields write(int first, int count) throws Exception {
        Path ingest = Files.createDirectories(settings().ingest());
        Totals totals = Totals.NONE;
        BoundedPuts puts = new BoundedPuts(node());
        try (Measurements measurements = Measurements.open()) {
            for (int number = first; number < first + count; number++) {
                MeasurementDay day = new MeasurementDay(number);
                Path file = ingest.resolve(day.date() + ".parquet");
                measurements.write(day, file);
                totals = totals.plus(measurements.expected(day));
                requireLarge(day, file);
                puts.put(day.path(), file, attributes(day), BoundedPuts.Afterwards.DELETE);
            }
        }
        puts.awaitAll();
        return puts.toFields().with(totals.toFields());
    }

    private static void requireLarge(MeasurementDay day, Path file) throws IOException {
        long size = Files.size(file);
        if (day.number() == MeasurementDay.LARGE_DAY && size < MeasurementDay.LARGE_FILE_BYTES) {
            throw new IllegalStateException(
                    file + " has " + size + " bytes, expected were at least " + MeasurementDay.LARGE_FILE_BYTES);
        }
    }

    private static Attributes attributes(MeasurementDay day) {
        return Attributes.of(
                Map.of("measurement", MeasurementDay.ROOT, "day", day.date().toString()));
    }

    private Fields copy(Path directory, int first, int count) throws Exception {
        SourceTree tree = SourceTree.list(directory);
        BoundedPuts puts = new BoundedPuts(node());
        for (FilePath path : tree.paths().subList(first, first + count)) {
            puts.put(path, tree.file(path), Attributes.NONE, BoundedPuts.Afterwards.KEEP);
        }
        puts.awaitAll();
        return puts.toFields();
    }

    private Fields check(Path root) throws IOException {
        return TreeCheck.of(root, node().manifest()).toFields();
    }

    private Fields query() throws Exception {
        try (Measurements measurements = Measurements.open()) {
            return measurements.query(settings().storage()).toFields();
        }
    }

    private Fields reconfigure(List<PeerAddress> peers) throws Exception {
        node().reconfigure(peers);
        return Fields.NONE;
    }

    private Fields stop() throws Exception {
        ReplicatedNode running = node;
        node = null;
        if (running != null) {
            running.close();
        }
        return Fields.NONE;
    }

    private ReplicatedNode node() {
        ReplicatedNode running = node;
        if (running == null) {
            throw new IllegalStateException("The node is not running");
        }
        return running;
    }

    private NodeSettings settings() {
        NodeSettings known = settings;
        if (known == null) {
            throw new IllegalStateException("The node has not been started");
        }
        return known;
    }
}
