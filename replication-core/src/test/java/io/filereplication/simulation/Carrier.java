package io.filereplication.simulation;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that carries one task after another, and runs only while it has the baton. Kept for the next simulation, because a
 * new thread costs more than a short task.
 */
final class Carrier extends Thread {
    private final CarrierPool pool;
    private volatile boolean baton;
    private volatile boolean over;
    /** Read and written with the baton, or before the thread is first woken. */
    @Nullable
    Kernel kernel;

    @Nullable
    Task task;

    Carrier(CarrierPool pool, String name) {
        super(name);
        this.pool = pool;
        setDaemon(true);
    }

    @Override
    public void run() {
        while (awaitBaton()) {
            Kernel running = kernel;
            Task first = task;
            if (running == null || first == null) {
                throw new IllegalStateException(this + " was woken for nothing");
            }
            running.carry(this, first);
        }
    }

    /** Waits for the baton; false when the pool is closed instead. */
    boolean awaitBaton() {
        while (!baton && !over) {
            LockSupport.park(this);
        }
        baton = false;
        return !over;
    }

    /** Gives this thread the baton. The caller must not touch anything afterwards before it has the baton again. */
    void takeBaton() {
        baton = true;
        LockSupport.unpark(this);
    }

    void end() {
        over = true;
        LockSupport.unpark(this);
    }

    CarrierPool pool() {
        return pool;
    }

    /** Interrupts reach a task when it runs next, so that a waiting thread is never woken behind the kernel's back. */
    @Override
    public void interrupt() {
        Kernel running = kernel;
        Task carried = task;
        if (this == Thread.currentThread() || running == null || carried == null) {
            super.interrupt();
        } else {
            running.interrupt(carried);
        }
    }

    @Override
    public boolean isInterrupted() {
        Task carried = task;
        return super.isInterrupted() || (carried != null && carried.interruptPending);
    }

    /** Called by this thread itself. */
    void interruptSelf() {
        super.interrupt();
    }
}
