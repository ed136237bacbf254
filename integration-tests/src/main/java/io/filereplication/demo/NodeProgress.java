package io.filereplication.demo;

/**
 * What a progress display shows of one node.
 *
 * @param name such as {@code node 2}
 * @param here registered files that this node has
 * @param files registered files
 * @param bytesHere bytes of them that this node has
 * @param bytes their sizes
 * @param bytesPerSecond how fast {@code bytesHere} grows; negative when that is not known yet
 * @param missing registered files that this node still lacks
 */
record NodeProgress(String name, long here, long files, long bytesHere, long bytes, long bytesPerSecond, long missing) {

    /** Of a node with this status. */
    static NodeProgress of(String name, NodeReport status, long bytesPerSecond) {
        return new NodeProgress(
                name,
                status.files() - status.missing(),
                status.files(),
                status.bytesHere(),
                status.bytes(),
                bytesPerSecond,
                status.missing());
    }
}
