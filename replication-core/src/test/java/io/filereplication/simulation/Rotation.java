package io.filereplication.simulation;

import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.RotatedSecrets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The secrets of all nodes, each in a file of its own, and the operator who rotates them as {@link ClusterSecrets} says: a
 * new one is accepted everywhere, then primary everywhere, then the old one goes; no node is a step ahead of one that has not
 * had time to read its file again.
 */
final class Rotation implements AutoCloseable {
    private static final long READ_AGAIN_NANOS = 2_000_000_000L;
    private static final int STEPS = 3;

    private final Kernel kernel;
    private final Path directory;
    private final List<Node> nodes = new ArrayList<>();

    private static final class Node {
        final RotatedSecrets secrets;
        int step;
        long since;

        Node(RotatedSecrets secrets) {
            this.secrets = secrets;
        }
    }

    Rotation(Kernel kernel, int count) {
        this.kernel = kernel;
        try {
            directory = Files.createTempDirectory("simulated-secrets");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (int i = 0; i < count; i++) {
            RotatedSecrets secrets = new RotatedSecrets(directory.resolve("n" + i), kernel::now);
            secrets.write(ids(0));
            nodes.add(new Node(secrets));
        }
    }

    /** What a node is to accept at a step, its primary first. */
    private static List<String> ids(int step) {
        String older = "k" + step / STEPS;
        String newer = "k" + (step / STEPS + 1);
        return switch (step % STEPS) {
            case 0 -> List.of(older);
            case 1 -> List.of(older, newer);
            default -> List.of(newer, older);
        };
    }

    /** As a process of node {@code number} has them that starts now. */
    ClusterSecrets of(int number) {
        return nodes.get(number - 1).secrets.open();
    }

    /** Takes node {@code number} a step further, unless others are behind it; false then. */
    boolean advance(int number) {
        Node node = nodes.get(number - 1);
        boolean othersReady = nodes.stream()
                .allMatch(other -> other.step > node.step
                        || (other.step == node.step
                                && (node.step == 0 || kernel.now() - other.since > READ_AGAIN_NANOS)));
        if (othersReady) {
            goTo(node, node.step + 1);
        }
        return othersReady;
    }

    /** Takes the old secret away on node {@code number} alone: what nobody should do. */
    void skipAhead(int number) {
        Node node = nodes.get(number - 1);
        goTo(node, node.step - node.step % STEPS + STEPS);
    }

    private void goTo(Node node, int step) {
        node.step = step;
        node.since = kernel.now();
        node.secrets.write(ids(step));
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
