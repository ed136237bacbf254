package io.filereplication.simulation;

import io.filereplication.NodeId;
import io.filereplication.fetch.Lane;
import io.filereplication.fetch.PeerTransport;
import io.filereplication.fetch.UnreachableException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The wires between the nodes: requests that arrive or do not, and exchanges that carry answers back. */
final class Network {
    private static final long LEAST_LATENCY = 100_000;
    private static final long MOST_LATENCY = 3_000_000;

    private final Kernel kernel;
    private final Faults faults;
    private final Map<NodeId, SimulatedNode> nodes = new TreeMap<>();
    private final Set<Set<NodeId>> cut = new HashSet<>();

    Network(Kernel kernel, Faults faults) {
        this.kernel = kernel;
        this.faults = faults;
    }

    void add(SimulatedNode node) {
        nodes.put(node.id(), node);
    }

    /** Cuts or mends the connection between two nodes. */
    void cut(NodeId one, NodeId other, boolean is) {
        Set<NodeId> pair = Set.of(one, other);
        if (is) {
            cut.add(pair);
        } else {
            cut.remove(pair);
        }
    }

    boolean isCut(NodeId one, NodeId other) {
        return cut.contains(Set.of(one, other));
    }

    void mendAll() {
        cut.clear();
    }

    long latency() {
        return faults.between(LEAST_LATENCY, MOST_LATENCY);
    }

    /** The way out of one life of {@code node}. */
    PeerTransport transportOf(SimulatedNode node, SimulatedProcess process) {
        return new Transport(node, process);
    }

    private final class Transport implements PeerTransport {
        private final SimulatedNode self;
        private final SimulatedProcess process;
        private final List<Exchange> open = new ArrayList<>();
        private boolean closed;

        Transport(SimulatedNode self, SimulatedProcess process) {
            this.self = self;
            this.process = process;
        }

        @Override
        public Answer send(NodeId peer, Lane lane, ByteBuffer request, Duration connectTimeout)
                throws UnreachableException, InterruptedException {
            kernel.throwIfInterrupted();
            kernel.step("send", request.remaining());
            byte[] bytes = new byte[request.remaining()];
            request.duplicate().get(bytes);
            SimulatedNode target = nodes.get(peer);
            kernel.sleep(Duration.ofNanos(latency()));
            if (target == null || closed) {
                throw new UnreachableException(peer + " has no address, or the transport is closed");
            }
            if (isCut(self.id(), peer)) {
                kernel.sleep(connectTimeout);
                throw new UnreachableException(peer + " could not be reached in time");
            }
            if (faults.happens(FaultKind.CONNECTION_REFUSED)) {
                faults.felt(FaultKind.CONNECTION_REFUSED, self);
                throw new UnreachableException(peer + " refused the connection");
            }
            if (!target.isUp()) {
                throw new UnreachableException(peer + " is down");
            }
            Exchange exchange = new Exchange(kernel, faults, Network.this, self, target, open::remove);
            open.add(exchange);
            if (faults.happens(FaultKind.REQUEST_LOST)) {
                exchange.nothingWillCome(FaultKind.REQUEST_LOST);
            } else {
                target.receive(ByteBuffer.wrap(bytes).asReadOnlyBuffer(), exchange);
            }
            return exchange;
        }

        @Override
        public void close() {
            closed = true;
            for (Exchange exchange : List.copyOf(open)) {
                exchange.breakOff();
            }
        }

        @Override
        public String toString() {
            return "transport of " + process;
        }
    }
}
