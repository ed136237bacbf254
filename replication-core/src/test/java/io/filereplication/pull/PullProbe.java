package io.filereplication.pull;

import io.filereplication.FilePath;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

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
    private final Map<?, ?> pulls;

    /** A probe of {@code puller}. */
    public PullProbe(Puller puller) {
        try {
            Field core = Puller.class.getDeclaredField("core");
            core.setAccessible(true);
            board = ((PullerCore) core.get(puller)).board();
            Field field = PullBoard.class.getDeclaredField("pulls");
            field.setAccessible(true);
            pulls = (Map<?, ?>) field.get(board);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The puller has been changed; so must this probe be", e);
        }
    }

    /** The states of the pulls of {@code paths}. */
    public Set<State> statesOf(Collection<FilePath> paths) {
        Set<State> states = EnumSet.noneOf(State.class);
        synchronized (board) {
            for (FilePath path : paths) {
                if (pulls.get(path) instanceof Pull pull) {
                    states.add(of(pull.state()));
                }
            }
        }
        return states;
    }

    /** The states of all pulls. */
    public Set<State> states() {
        Set<State> states = EnumSet.noneOf(State.class);
        synchronized (board) {
            for (Object each : pulls.values()) {
                states.add(of(((Pull) each).state()));
            }
        }
        return states;
    }

    /** How many pulls there are, in whatever state. */
    public int size() {
        synchronized (board) {
            return pulls.size();
        }
    }

    private static State of(PullState state) {
        return State.valueOf(state.name());
    }
}
