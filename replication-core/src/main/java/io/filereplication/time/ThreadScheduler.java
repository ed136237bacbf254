package io.filereplication.time;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@link Scheduler} of a running node: one timer thread and a bounded pool of workers, all daemons named
 * {@code name-timer} and {@code name-worker-n}. A worker that has had nothing to do for a while ends.
 *
 * <p>At most {@value #MAX_WAITING_TASKS} tasks wait for a worker; one more is refused with
 * {@link RejectedExecutionException}, because whoever submits that many has lost its own bound.
 */
public final class ThreadScheduler implements Scheduler {
    /** Most tasks that wait for a worker. */
    public static final int MAX_WAITING_TASKS = 65_536;
    /** How long {@link #close()} waits for the threads to end. */
    public static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(ThreadScheduler.class);
    private static final long IDLE_WORKER_SECONDS = 30;

    private final String name;
    private final OwnThreads threads;
    private final ThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor timer;

    /**
     * A scheduler whose threads start when they are needed.
     *
     * @param name begins the threads' names
     * @param workerCount how many tasks run at once, at least 1
     */
    public ThreadScheduler(String name, int workerCount) {
        this.name = Objects.requireNonNull(name, "name");
        if (workerCount < 1) {
            throw new IllegalArgumentException("Scheduler '" + name + "' needs at least 1 worker, not " + workerCount);
        }
        threads = new OwnThreads(name);
        workers = new ThreadPoolExecutor(
                workerCount,
                workerCount,
                IDLE_WORKER_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING_TASKS),
                threads::newWorker,
                this::onRefused);
        workers.allowCoreThreadTimeOut(true);
        timer = new ScheduledThreadPoolExecutor(1, threads::newTimer, this::onRefused);
        timer.setRemoveOnCancelPolicy(true);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public <T> void forEach(List<T> items, Consumer<T> step) {
        SharedLoop.run(items, this, step);
    }

    @Override
    public void execute(Runnable task) {
        Objects.requireNonNull(task, "task");
        try {
            workers.execute(() -> runLogged(task));
        } catch (OutOfMemoryError e) {
            // Of threads, mostly. The task was not taken; whoever submits it may not survive an error at that place.
            throw new RejectedExecutionException(this + ": no thread could be started", e);
        }
    }

    @Override
    public Cancellable schedule(Duration delay, Runnable task) {
        Objects.requireNonNull(task, "task");
        try {
            ScheduledFuture<?> scheduled =
                    timer.schedule(() -> runLogged(task), Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException e) {
            if (!timer.isShutdown()) {
                throw e;
            }
            return () -> {};
        }
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(duration.toNanos());
    }

    @Override
    public void close() {
        timer.shutdownNow();
        workers.shutdownNow();
        if (threads.includeCurrent()) {
            return; // a task that closes its own scheduler cannot wait for itself
        }
        try {
            threads.join(CLOSE_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void runLogged(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: a task failed", this, e);
        }
    }

    private void onRefused(Runnable task, ThreadPoolExecutor pool) {
        if (!pool.isShutdown()) {
            throw new RejectedExecutionException(this + ": " + MAX_WAITING_TASKS + " tasks wait already");
        }
    }

    @Override
    public String toString() {
        return "scheduler " + name;
    }

    /** Makes the threads and knows them until they have ended; an executor says it has terminated a little before that. */
    static final class OwnThreads {
        private final String name;
        private final AtomicInteger made = new AtomicInteger();
        private final Set<Thread> alive = ConcurrentHashMap.newKeySet();

        OwnThreads(String name) {
            this.name = name;
        }

        Thread newWorker(Runnable body) {
            return newThread(body, name + "-worker-" + made.incrementAndGet());
        }

        Thread newTimer(Runnable body) {
            return newThread(body, name + "-timer");
        }

        private Thread newThread(Runnable body, String threadName) {
            alive.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
            Thread thread = new Known(body, threadName);
            thread.setDaemon(true);
            return thread;
        }

        /** Known from its start on, before it does anything; one that cannot be started is not, since it never ends either. */
        private final class Known extends Thread {
            Known(Runnable body, String threadName) {
                super(body, threadName);
            }

            @Override
            public synchronized void start() {
                alive.add(this);
                boolean started = false;
                try {
                    super.start();
                    started = true;
                } finally {
                    if (!started) {
                        alive.remove(this);
                    }
                }
            }
        }

        /** How many there are. */
        int known() {
            return alive.size();
        }

        boolean includeCurrent() {
            return alive.contains(Thread.currentThread());
        }

        void join(Duration timeout) throws InterruptedException {
            long deadline = System.nanoTime() + timeout.toNanos();
            for (Thread thread : alive) {
                thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
                if (thread.isAlive()) {
                    LOG.warn("{} still runs {} after its scheduler was closed", thread.getName(), timeout);
                }
            }
        }
    }
}
