package io.filereplication.simulation;

/** What can go wrong, or merely happen at a bad moment. */
enum FaultKind {
    // The network, seen by the node that asks.
    CONNECTION_REFUSED(Reach.TASK, 50),
    REQUEST_LOST(Reach.TASK, 30),
    ANSWER_BROKEN_OFF(Reach.TASK, 40),
    MESSAGE_LOST(Reach.TASK, 40),
    MESSAGE_DELAYED(Reach.TASK, 100),
    MESSAGES_REORDERED(Reach.TASK, 60),
    MESSAGE_REPEATED(Reach.TASK, 60),
    MESSAGE_CORRUPTED(Reach.TASK, 50),
    MESSAGE_TRUNCATED(Reach.TASK, 40),
    // The disk.
    STORAGE_ERROR(Reach.TASK, 8),
    SHORT_WRITE(Reach.TASK, 12),
    DISK_FULL(Reach.TASK, 0),
    SLOW_STORAGE(Reach.TASK, 16),
    ROT(Reach.NODE, 0),
    FILE_TAKEN_AWAY(Reach.NODE, 0),
    RECORDS_LOST(Reach.NODE, 0),
    RESUME_REFUSED(Reach.TASK, 0),
    // The process and its machine.
    CRASH(Reach.NODE, 0),
    POWER_LOSS(Reach.NODE, 0),
    STOPPED_FOR_A_WHILE(Reach.NODE, 0),
    CLOCK_JUMP(Reach.NODE, 0),
    RESTART(Reach.NODE, 0),
    // The operator.
    PULLING_PAUSED(Reach.NODE, 0),
    BANDWIDTH_LIMITED(Reach.NODE, 0),
    SECRET_ROTATED(Reach.NODE, 0),
    // The log: nothing of this is wrong, but it may come at a bad moment. It counts only when a pull is under way.
    UPDATE(true),
    DELETE(true),
    REGISTERED_AGAIN(true),
    REGISTERED_IN_PLACE(true),
    NOT_WANTED(true),
    SNAPSHOT_INSTALLED(true),
    MEMBERS_CHANGED(true),
    BARRIER_FAILED(Reach.NODE, 0);

    /** Whom a fault hits. */
    enum Reach {
        /** One port call of one task, and so the pulls that the task works on. */
        TASK,
        /** Every pull of the node. */
        NODE
    }

    final Reach reach;
    /** How often it happens, of 1000 occasions, at the usual intensity; 0 when the disturbance decides by itself. */
    final int permille;
    /** Whether it belongs to every day. */
    final boolean isOrdinary;

    FaultKind(Reach reach, int permille) {
        this(reach, permille, false);
    }

    FaultKind(boolean isOrdinary) {
        this(Reach.NODE, 0, isOrdinary);
    }

    FaultKind(Reach reach, int permille, boolean isOrdinary) {
        this.reach = reach;
        this.permille = permille;
        this.isOrdinary = isOrdinary;
    }
}
