package io.filereplication.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds loopback ports that nobody listens on. They are drawn from below the range from which systems take the local ports
 * of outgoing connections, so that between the look and the node's own bind no connection takes one away.
 */
final class FreePorts {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int LOWEST = 10_240;
    private static final int HIGHEST = 32_000;
    private static final int ATTEMPTS = 1_000;

    private final Random random;
    private final Set<Integer> given = new TreeSet<>();

    FreePorts(Random random) {
        this.random = random;
    }

    /** A port that was free a moment ago; never the same one twice. */
    int next() throws DemoFailure {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = LOWEST + random.nextInt(HIGHEST - LOWEST);
            if (!given.contains(port) && isFree(port)) {
                given.add(port);
                return port;
            }
        }
        throw new DemoFailure("No free port on " + PeerAddress.HOST + " between " + LOWEST + " and " + HIGHEST + ", "
                + ATTEMPTS + " were tried");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
