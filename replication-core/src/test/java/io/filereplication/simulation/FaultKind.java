package io.filereplication.simulation;

/** What can go wrong, or merely happen at a bad moment. */
enum FaultKind {
    // The network, seen by the node that asks.
    CONNECTION_REFUSED(Reach.TASK, 20),
    REQUEST_LOST(Reach.TASK, 15),
    ANSWER_BROKEN_OFF(Reach.TASK, 15),
    MESSAGE_LOST(Reach.TASK, 15),
    MESSAGE_DELAYED(Reach.TASK, 40),
    MESSAGES_REORDERED(Reach.TASK, 20),
    MESSAGE_REPEATED(Reach.TASK, 15),
    MESSAGE_CORRUPTED(Reach.TASK, 20),
    MESSAGE_TRUNCATED(Reach.TASK, 15),
    // The disk.
    STORAGE_ERROR(Reach.TASK, 6),
    SHORT_WRITE(Reach.TASK, 10),
    DISK_FULL(Reach.TASK, 0),
    SLOW_STORAGE(Reach.TASK, 10),
    ROT(Reach.NODE, 0),
    FILE_TAKEN_AWAY(Reach.NODE, 0),
    RECORDS_LOST(Reach.NODE, 0),
    // The process and its machine.
    CRASH(Reach.NODE, 0),
    POWER_LOSS(Reach.NODE, 0),
    STOPPED_FOR_A_WHILE(Reach.NODE, 0),
    CLOCK_JUMP(Reach.NODE, 0),
    RESTART(Reach.NODE, 0),
    // The log.
    UPDATE(Reach.NODE, 0),
    DELETE(Reach.NODE, 0),
    REGISTERED_AGAIN(Reach.NODE, 0),
    SNAPSHOT_INSTALLED(Reach.NODE, 0),
    MEMBERS_CHANGED(Reach.NODE, 0),
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

    FaultKind(Reach reach, int permille) {
        this.reach = reach;
        this.permille = permille;
    }
}
