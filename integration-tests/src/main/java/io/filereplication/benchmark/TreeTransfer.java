package io.filereplication.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Brings a tree of files from the leader to another node, and then with something else to another directory: once for each
 * run, every time with new content.
 *
 * <p>The tree is registered while the other node is paused. So what is timed begins with all of it known and none of it there,
 * as it does for the alternatives, and ends when the last file is verified, fsynced and renamed.
 */
final class TreeTransfer {
    private static final long REMOVAL_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

    private final NodeGroup nodes;
    private final Alternatives others;
    private final Path directory;
    private final FileTree tree;
    private final List<String> rsyncOptions;
    private final boolean keepsTrees;
    private int trees;

    /**
     * Transfers between {@code nodes}.
     *
     * @param others serve the files of the nodes' leader
     * @param directory on the same medium as the nodes' files; the alternatives write there
     * @param keepsTrees whether nothing is deleted, by anybody, between one run and the next
     */
    TreeTransfer(
            NodeGroup nodes,
            Alternatives others,
            Path directory,
            FileTree tree,
            List<String> rsyncOptions,
            boolean keepsTrees) {
        this.nodes = nodes;
        this.others = others;
        this.directory = directory;
        this.tree = tree;
        this.rsyncOptions = rsyncOptions;
        this.keepsTrees = keepsTrees;
    }

    /** Seconds, and seconds of processor time of both ends together. NaN for what is not there. */
    record Times(Taken ours, Taken rsync, Taken cp) {}

    /** Our part alone, to warm up. */
    Taken pullOnce() throws IOException, InterruptedException {
        String name = nextTree();
        Taken ours = pull(name);
        removeTree(name);
        return ours;
    }

    private String nextTree() {
        return "tree-" + trees++;
    }

    private Taken pull(String name) throws IOException, InterruptedException {
        nodes.other().pause();
        nodes.other().forgetPublished();
        tree.write(nodes.leader().files().resolve(name));
        nodes.leader().register(name);
        return Taken.of(() -> {
            long begun = nodes.other().resumeNanos();
            return (nodes.other().publishedNanos(tree.files()) - begun) / 1e9;
        });
    }

    Times once() throws IOException, InterruptedException {
        String name = nextTree();
        Taken ours = pull(name);
        Path byRsync = Files.createDirectories(directory.resolve("rsync-of-" + name));
        Taken rsync = Taken.of(() -> others.rsyncSeconds(List.of(name + "/"), byRsync, rsyncOptions));
        removeCopy(byRsync);
        Path byCp = directory.resolve("cp-of-" + name);
        Taken cp = Taken.of(() -> others.cpSeconds(nodes.leader().files().resolve(name), byCp));
        removeCopy(byCp);
        removeTree(name);
        return new Times(ours, rsync, cp);
    }

    private void removeCopy(Path copy) throws IOException {
        if (!keepsTrees) {
            Workspace.delete(copy);
        }
    }

    /** Deletes the tree, so that the next run begins with nothing, and waits until both nodes have done so. */
    private void removeTree(String name) throws IOException, InterruptedException {
        if (keepsTrees) {
            return;
        }
        nodes.leader().delete(name);
        long until = System.nanoTime() + REMOVAL_PATIENCE_NANOS;
        for (ChildNode node : List.of(nodes.leader(), nodes.other())) {
            while (Files.exists(node.files().resolve(name))) {
                if (System.nanoTime() > until) {
                    throw new IOException("Deleted files are still in " + node.files());
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }
}
