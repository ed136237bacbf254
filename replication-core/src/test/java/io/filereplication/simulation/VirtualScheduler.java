package io.filereplication.simulation;

import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The {@link Scheduler} of one process in the simulation: a timer that runs one thing after another, and so many workers. */
final class VirtualScheduler implements Scheduler {
    /** A task that sleeps longer than this at a time keeps others from its worker: what is to be tried again is scheduled. */
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(1);

    private final Kernel kernel;
    private final SimulatedProcess process;
    private final Lane workers;
    private final Lane timer;
    private boolean closed;

    VirtualScheduler(Kernel kernel, SimulatedProcess process, int workerCount) {
        this.kernel = kernel;
        this.process = process;
        this.workers = new Lane("worker", workerCount);
        this.timer = new Lane("timer", 1);
    }

    @Override
    public long nanoTime() {
        return kernel.now();
    }

    @Override
    public void execute(Runnable task) {
        if (!closed) {
            workers.add(task);
        }
    }

    @Override
    public Cancellable schedule(Duration delay, Runnable task) {
        if (closed) {
            return () -> {};
        }
        boolean[] cancelled = {false};
        Kernel.Alarm alarm = kernel.at(delay.toNanos(), () -> {
            if (!closed && !process.hasEnded()) {
                timer.add(() -> {
                    if (!cancelled[0]) {
                        task.run();
                    }
                });
            }
        });
        return () -> {
            cancelled[0] = true;
            kernel.cancel(alarm);
        };
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        if (duration.compareTo(LONGEST_SLEEP) > 0 && workers.running.contains(kernel.current())) {
            kernel.escaped(kernel.current(), new AssertionError("A worker sleeps for " + duration));
        }
        kernel.sleep(duration);
    }

    @Override
    public void close() {
        closed = true;
        workers.waiting.clear();
        timer.waiting.clear();
        for (Lane lane : List.of(workers, timer)) {
            for (Task task : List.copyOf(lane.running)) {
                if (task != kernel.current()) {
                    kernel.interrupt(task);
                }
            }
            while (lane.running.stream().anyMatch(task -> task != kernel.current())) {
                kernel.await(lane.left, -1);
            }
        }
    }

    /** Threads of one kind, and what waits for them in order. */
    private final class Lane {
        private final String name;
        private final int most;
        private final Deque<Runnable> waiting = new ArrayDeque<>();
        private final List<Task> running = new ArrayList<>();
        private final Signal left = new Signal();

        Lane(String name, int most) {
            this.name = name;
            this.most = most;
        }

        void add(Runnable task) {
            waiting.addLast(task);
            if (running.size() < most) {
                running.add(kernel.spawn(process, name, this::work));
            }
        }

        private void work() {
            try {
                for (Runnable next = waiting.pollFirst(); next != null; next = waiting.pollFirst()) {
                    runOne(next);
                }
            } finally {
                running.remove(kernel.current());
                kernel.signal(left);
            }
        }

        private void runOne(Runnable task) {
            try {
                task.run();
            } catch (ProcessEndedError e) {
                throw e;
            } catch (RuntimeException | Error e) {
                kernel.escaped(kernel.current(), e);
            }
            Thread.interrupted();
        }
    }
}
