package io.filereplication.pull;

import java.util.EnumSet;
import java.util.Set;

/** Where one pull is. */
enum PullState {
    /** Waits for a worker. */
    QUEUED,
    /** A worker looks at the manifest and the disk, and hashes what is staged. */
    CHECKING,
    /** A worker asks peers. */
    FETCHING,
    /** Whole and verified; waits for a worker to publish it. */
    VERIFIED,
    /** A worker publishes it. */
    PUBLISHING,
    /** There is a file of unknown content: waits to be hashed. */
    UNVERIFIED,
    /** A worker hashes the file that is there. */
    VERIFYING,
    /** Waits for its next attempt. */
    WAITING,
    /** Its attempts are used up: known to be missing, waits for a late attempt. */
    FAILED,
    /** Published, found here, superseded, or forgotten. */
    ENDED;

    private static final Set<PullState> WORKED_ON = EnumSet.of(CHECKING, FETCHING, VERIFIED, PUBLISHING, VERIFYING);

    /** Whether a worker has it, or is about to. */
    boolean isWorkedOn() {
        return WORKED_ON.contains(this);
    }

    boolean isWaiting() {
        return this == WAITING || this == FAILED;
    }

    /** Whether a pull may go from here to {@code next}; anything may end. */
    boolean mayBecome(PullState next) {
        return switch (this) {
            case QUEUED -> next == CHECKING || next == ENDED;
            case CHECKING -> next != CHECKING && next != PUBLISHING && next != VERIFYING;
            case FETCHING ->
                next == FETCHING || next == VERIFIED || next == QUEUED || next.isWaiting() || next == ENDED;
            case VERIFIED -> next == PUBLISHING || next == ENDED;
            case PUBLISHING -> next == QUEUED || next.isWaiting() || next == ENDED;
            case UNVERIFIED -> next == VERIFYING || next == ENDED;
            case VERIFYING -> next == QUEUED || next == UNVERIFIED || next.isWaiting() || next == ENDED;
            case WAITING, FAILED -> next == QUEUED || next == ENDED;
            case ENDED -> false;
        };
    }
}
