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
    private static final String NAME = "tree";
    private static final long REMOVAL_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

    private final NodeGroup nodes;
    private final Alternatives others;
    private final Path directory;
    private final FileTree tree;
    private final List<String> rsyncOptions;

    /**
     * Transfers between {@code nodes}.
     *
     * @param others serve the files of the nodes' leader
     * @param directory on the same medium as the nodes' files; the alternatives write there
     */
    TreeTransfer(NodeGroup nodes, Alternatives others, Path directory, FileTree tree, List<String> rsyncOptions) {
        this.nodes = nodes;
        this.others = others;
        this.directory = directory;
        this.tree = tree;
        this.rsyncOptions = rsyncOptions;
    }

    /** Seconds, and seconds of processor time of both ends together. NaN for what is not there. */
    record Times(Taken ours, Taken rsync, Taken cp) {}

    /** Our part alone, to warm up. */
    Taken pullOnce() throws IOException, InterruptedException {
        Taken ours = pull(nodes.leader().files().resolve(NAME));
        removeTree();
        return ours;
    }

    private Taken pull(Path source) throws IOException, InterruptedException {
        nodes.other().pause();
        nodes.other().forgetPublished();
        tree.write(source);
        nodes.leader().register(NAME);
        return Taken.of(() -> {
            long begun = nodes.other().resumeNanos();
            return (nodes.other().publishedNanos(tree.files()) - begun) / 1e9;
        });
    }

    Times once() throws IOException, InterruptedException {
        Path source = nodes.leader().files().resolve(NAME);
        Taken ours = pull(source);
        Path target = Files.createDirectories(directory.resolve("target"));
        Taken rsync = Taken.of(() -> others.rsyncSeconds(List.of(NAME + "/"), target, rsyncOptions));
        Workspace.delete(target);
        Taken cp = Taken.of(() -> others.cpSeconds(source, target));
        Workspace.delete(target);
        removeTree();
        return new Times(ours, rsync, cp);
    }

    /** Deletes the tree, so that the next run begins with nothing, and waits until both nodes have done so. */
    private void removeTree() throws IOException, InterruptedException {
        nodes.leader().delete(NAME);
        long until = System.nanoTime() + REMOVAL_PATIENCE_NANOS;
        for (ChildNode node : List.of(nodes.leader(), nodes.other())) {
            while (Files.exists(node.files().resolve(NAME))) {
                if (System.nanoTime() > until) {
                    throw new IOException("Deleted files are still in " + node.files());
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }
}
