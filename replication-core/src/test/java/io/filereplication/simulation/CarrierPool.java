package io.filereplication.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The threads of kernels that run one after another. Thread-safe. */
final class CarrierPool implements AutoCloseable {
    private final String name;
    private final Deque<Carrier> idle = new ArrayDeque<>();
    private final List<Carrier> all = new ArrayList<>();

    CarrierPool(String name) {
        this.name = name;
    }

    synchronized Carrier take() {
        Carrier carrier = idle.pollFirst();
        if (carrier == null) {
            carrier = new Carrier(this, name + "-" + all.size());
            all.add(carrier);
            carrier.start();
        }
        return carrier;
    }

    synchronized void giveBack(Carrier carrier) {
        idle.addFirst(carrier);
    }

    /** For a kernel that got stuck: what each thread is doing. */
    synchronized String stacks() {
        StringBuilder text = new StringBuilder();
        for (Carrier carrier : all) {
            if (!idle.contains(carrier)) {
                text.append(carrier.task).append(' ').append(carrier.getState()).append('\n');
                for (StackTraceElement frame : carrier.getStackTrace()) {
                    text.append("    at ").append(frame).append('\n');
                }
            }
        }
        return text.toString();
    }

    /** Ends the threads, all of which must be idle. */
    @Override
    public synchronized void close() {
        all.forEach(Carrier::end);
        boolean interrupted = false;
        for (Carrier carrier : all) {
            try {
                carrier.join(10_000);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
