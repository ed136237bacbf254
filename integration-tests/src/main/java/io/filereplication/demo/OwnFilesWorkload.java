package io.filereplication.demo;

import java.io.IOException;
import java.util.List;

/** The files of the user's directory; each node's files must have the digests of the originals. */
final class OwnFilesWorkload implements Workload {
    /** One file in this many is kept for node 2. */
    private static final int LATER_SHARE = 10;

    private final SourceTree tree;
    private final int laterFiles;

    OwnFilesWorkload(SourceTree tree) {
        this.tree = tree;
        int count = tree.paths().size();
        laterFiles = count == 1 ? 0 : Math.max(1, count / LATER_SHARE);
    }

    @Override
    public String describe() {
        return "of the " + tree.paths().size() + " in " + tree.root() + ", " + Amounts.size(tree.bytes()) + "; "
                + laterFiles + " are left for node 2";
    }

    @Override
    public Part first() {
        return files(0, tree.paths().size() - laterFiles);
    }

    @Override
    public Part later() {
        return files(tree.paths().size() - laterFiles, laterFiles);
    }

    private Part files(int first, int count) {
        return new Part(
                Verb.COPY,
                Fields.NONE
                        .with("directory", tree.root().toAbsolutePath())
                        .with("first", first)
                        .with("count", count),
                count);
    }

    @Override
    public long bytes() {
        return tree.bytes();
    }

    @Override
    public void written(Part part, Fields answer) {
        // The originals are still there to be compared with.
    }

    @Override
    public List<String> differences(Member member, TreeReport report) throws IOException {
        String originals = TreeCheck.digestOf(tree.root(), tree.paths());
        return report.digest().equals(originals)
                ? List.of()
                : List.of(member.name() + ": the digest over all files is " + report.digest()
                        + ", that of the originals " + originals);
    }

    @Override
    public String toString() {
        return tree.paths().size() + " files equal to their originals";
    }
}
