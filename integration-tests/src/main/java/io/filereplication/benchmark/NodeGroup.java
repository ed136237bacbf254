package io.filereplication.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Nodes of one group, each in a process of its own: the leader, where files are put, and others that pull them. */
final class NodeGroup implements AutoCloseable {
    private static final long LEADER_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Workspace workspace;
    private final Path directory;
    private final Path secret;
    private final List<ChildNode> nodes = new ArrayList<>();
    private ChildNode leader;

    private NodeGroup(Workspace workspace, Path directory, int size) throws IOException, InterruptedException {
        this.workspace = workspace;
        this.directory = directory;
        this.secret = Files.createFile(
                directory.resolve("secret"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(secret, "benchmark:" + "5a".repeat(32) + "\n");
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            peers.add(ChildNode.newPeer(i));
        }
        for (String peer : peers) {
            add(peer, peers);
        }
        leader = awaitLeader();
    }

    /** Starts {@code size} nodes below {@code directory} and waits until one leads. */
    static NodeGroup start(Workspace workspace, Path directory, int size) throws IOException, InterruptedException {
        return new NodeGroup(workspace, directory, size);
    }

    private ChildNode add(String peer, List<String> founders) throws IOException {
        ChildNode node = new ChildNode(workspace, directory.resolve("node-" + nodes.size()), secret, peer, founders);
        nodes.add(node);
        return node;
    }

    private ChildNode awaitLeader() throws IOException, InterruptedException {
        long until = System.nanoTime() + LEADER_PATIENCE_NANOS;
        while (System.nanoTime() < until) {
            for (ChildNode node : nodes) {
                if (node.leads()) {
                    return node;
                }
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new IOException("The group has no leader");
    }

    /** The node that led when the group had started. */
    ChildNode leader() {
        return leader;
    }

    /** The others, in the order in which they were started. */
    List<ChildNode> others() {
        return nodes.stream().filter(node -> node != leader).toList();
    }

    /** The first of the others. */
    ChildNode other() {
        return others().get(0);
    }

    /** Starts one more node, with empty disks and in no group, and waits until it listens. */
    ChildNode newNode() throws IOException {
        ChildNode node = add(ChildNode.newPeer(nodes.size()), List.of());
        MemoryPeaks.Peaks unused = node.memoryPeaks();
        return node;
    }

    /** Makes every node that was started a member; answers when that was asked for. */
    long joinAllNanos() throws IOException {
        return leader.membersNanos(nodes.stream().map(ChildNode::peer).toList());
    }

    /** When the first manifest had the first registration since this was asked last: the leader's, unless the lead has changed. */
    long registeredNanos() throws IOException {
        long first = Long.MAX_VALUE;
        for (ChildNode node : nodes) {
            first = Math.min(first, node.registeredNanos());
        }
        return first;
    }

    @Override
    public void close() throws InterruptedException {
        for (ChildNode node : nodes) {
            node.end();
        }
    }
}
