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

    /** Of a node with this status. Bytes of files that are half here count as far as they were received. */
    static NodeProgress of(String name, NodeStatus status, long bytesPerSecond) {
        return new NodeProgress(
                name,
                status.files() - status.missing(),
                status.files(),
                bytesHere(status),
                status.bytes(),
                bytesPerSecond,
                status.missing());
    }

    /** An origin has what it registered, a puller what it received. */
    static long bytesHere(NodeStatus status) {
        return status.missing() == 0 ? status.bytes() : Math.min(status.pulledBytes(), status.bytes());
    }
}
