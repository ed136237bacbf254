package io.filereplication.pull;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks at the states of a puller's pulls from outside; for the simulation's table of what hit which state. */
public final class PullProbe {
    /** The states of {@link PullState} under the same names, which {@link #of} relies on. */
    public enum State {
        QUEUED,
        CHECKING,
        FETCHING,
        VERIFIED,
        PUBLISHING,
        UNVERIFIED,
        VERIFYING,
        WAITING,
        FAILED,
        ENDED
    }

    private final PullBoard board;
    private final PullTable table;

    /** A probe of {@code puller}. */
    public PullProbe(Puller puller) {
        try {
            Field core = Puller.class.getDeclaredField("core");
            core.setAccessible(true);
            board = ((PullerCore) core.get(puller)).board();
            Field field = PullBoard.class.getDeclaredField("table");
            field.setAccessible(true);
            table = (PullTable) field.get(board);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The puller has been changed; so must this probe be", e);
        }
    }

    /** The states of the pulls of {@code paths}. */
    public Set<State> statesOf(Collection<FilePath> paths) {
        Set<State> states = EnumSet.noneOf(State.class);
        synchronized (table) {
            for (FilePath path : paths) {
                Pull pull = table.get(path);
                if (pull != null) {
                    states.add(of(pull.state()));
                }
            }
        }
        return states;
    }

    /** The states of all pulls. */
    public Set<State> states() {
        Set<State> states = EnumSet.noneOf(State.class);
        synchronized (table) {
            for (Pull pull : table.pulls.values()) {
                states.add(of(pull.state()));
            }
        }
        return states;
    }

    /** How many pulls there are, in whatever state. */
    public int size() {
        synchronized (table) {
            return table.pulls.size();
        }
    }

    /**
     * Of the small files, or of the others, the one that waits longest for a worker although none has any of its kind; null when
     * there is none, or when no pull may begin.
     */
    public @Nullable FileVersion neglected(boolean small) {
        Pull oldest = null;
        synchronized (table) {
            for (Pull pull : table.pulls.values()) {
                boolean isKind = PullBatch.isSmall(pull.entry()) == small;
                if (isKind && isBeingPulled(pull.state())) {
                    return null;
                }
                if (isKind && pull.state() == PullState.QUEUED && (oldest == null || pull.turn < oldest.turn)) {
                    oldest = pull;
                }
            }
            return oldest == null || board.isHeld() ? null : oldest.entry().version();
        }
    }

    private static boolean isBeingPulled(PullState state) {
        return state.isWorkedOn() && state != PullState.VERIFYING;
    }

    private static State of(PullState state) {
        return State.valueOf(state.name());
    }
}
