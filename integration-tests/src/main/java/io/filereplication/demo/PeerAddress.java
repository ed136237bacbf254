package io.filereplication.demo;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where a node listens on the loopback interface.
 *
 * @param id its Ratis peer id
 * @param raftPort gRPC, for Raft
 * @param streamPort Netty, for the data stream
 */
record PeerAddress(String id, int raftPort, int streamPort) {
    static final String HOST = "127.0.0.1";

    String raftAddress() {
        return HOST + ":" + raftPort;
    }

    String streamAddress() {
        return HOST + ":" + streamPort;
    }

    /** {@code id/raftPort/streamPort}, separated by commas. */
    static String format(List<PeerAddress> peers) {
        return peers.stream()
                .map(peer -> peer.id + "/" + peer.raftPort + "/" + peer.streamPort)
                .collect(Collectors.joining(","));
    }

    /** What {@link #format} wrote; throws {@link IllegalArgumentException} for anything else. */
    static List<PeerAddress> parse(String peers) {
        return Arrays.stream(peers.split(",", -1)).map(PeerAddress::parseOne).toList();
    }

    private static PeerAddress parseOne(String peer) {
        String[] parts = peer.split("/", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("'" + peer + "' is not id/raftPort/streamPort");
        }
        return new PeerAddress(parts[0], Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }
}
