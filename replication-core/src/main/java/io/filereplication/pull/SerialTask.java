package io.filereplication.pull;

import io.filereplication.time.Scheduler;

/**
 * A lane: a body that runs on a worker whenever it was asked for, never twice at once; requests while it is waiting or
 * running become one more run. So a lane needs one worker at most and no queue. Thread-safe; asking never blocks.
 */
final class SerialTask {
    private enum State {
        IDLE,
        ASKED,
        RUNNING,
        RUNNING_AND_ASKED
    }

    private final Scheduler scheduler;
    private final ActiveThreads active;
    private final ActiveThreads.Body body;
    private State state = State.IDLE;

    SerialTask(Scheduler scheduler, ActiveThreads active, ActiveThreads.Body body) {
        this.scheduler = scheduler;
        this.active = active;
        this.body = body;
    }

    /** Has the body run once more, after this call. */
    void request() {
        synchronized (this) {
            boolean idle = state == State.IDLE;
            state = idle || state == State.ASKED ? State.ASKED : State.RUNNING_AND_ASKED;
            if (!idle) {
                return;
            }
        }
        scheduler.executeSoon(this::run);
    }

    private void run() {
        synchronized (this) {
            state = State.RUNNING;
        }
        try {
            active.run(body);
        } finally {
            boolean again;
            synchronized (this) {
                again = state == State.RUNNING_AND_ASKED;
                state = again ? State.ASKED : State.IDLE;
            }
            if (again) {
                scheduler.executeSoon(this::run);
            }
        }
    }
}
