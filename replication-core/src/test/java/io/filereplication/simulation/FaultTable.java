package io.filereplication.simulation;

import io.filereplication.pull.PullProbe;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How many faults of which kind were met by pulls in which state. */
final class FaultTable {
    private final Map<FaultKind, Map<PullProbe.State, Long>> cells = new EnumMap<>(FaultKind.class);
    private final Map<FaultKind, Long> totals = new EnumMap<>(FaultKind.class);

    FaultTable() {
        for (FaultKind kind : FaultKind.values()) {
            cells.put(kind, new EnumMap<>(PullProbe.State.class));
            totals.put(kind, 0L);
        }
    }

    void count(FaultKind kind, Set<PullProbe.State> states) {
        totals.merge(kind, 1L, Long::sum);
        for (PullProbe.State state : states) {
            row(kind).merge(state, 1L, Long::sum);
        }
    }

    private Map<PullProbe.State, Long> row(FaultKind kind) {
        Map<PullProbe.State, Long> row = cells.get(kind);
        if (row == null) {
            throw new IllegalStateException("Every kind has a row: " + kind);
        }
        return row;
    }

    void add(FaultTable other) {
        for (FaultKind kind : FaultKind.values()) {
            totals.merge(kind, other.total(kind), Long::sum);
            other.row(kind).forEach((state, count) -> row(kind).merge(state, count, Long::sum));
        }
    }

    long total(FaultKind kind) {
        return totals.getOrDefault(kind, 0L);
    }

    long total() {
        return totals.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The cells that could have been met but were not. */
    List<String> emptyCells() {
        return cells.keySet().stream()
                .flatMap(kind -> Reachable.states(kind).stream()
                        .filter(state -> !row(kind).containsKey(state))
                        .map(state -> kind + " in " + state))
                .toList();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format("%-24s%9s", "", "all"));
        for (PullProbe.State state : PullProbe.State.values()) {
            text.append(String.format("%11s", state));
        }
        for (FaultKind kind : FaultKind.values()) {
            text.append(String.format("%n%-24s%9d", kind, total(kind)));
            Set<PullProbe.State> reachable = Reachable.states(kind);
            for (PullProbe.State state : PullProbe.State.values()) {
                long count = row(kind).getOrDefault(state, 0L);
                text.append(
                        count == 0 && !reachable.contains(state)
                                ? String.format("%11s", "-")
                                : String.format("%11d", count));
            }
        }
        return text.toString();
    }

    /** Which faults can hit a pull in which state. */
    private static final class Reachable {
        private Reachable() {}

        static Set<PullProbe.State> states(FaultKind kind) {
            if (kind.reach == FaultKind.Reach.NODE) {
                return EnumSet.complementOf(EnumSet.of(PullProbe.State.ENDED));
            }
            return switch (kind) {
                case STORAGE_ERROR, SLOW_STORAGE ->
                    EnumSet.of(
                            PullProbe.State.CHECKING,
                            PullProbe.State.FETCHING,
                            PullProbe.State.PUBLISHING,
                            PullProbe.State.VERIFYING);
                case SHORT_WRITE -> EnumSet.of(PullProbe.State.FETCHING);
                case RESUME_REFUSED -> EnumSet.of(PullProbe.State.FETCHING);
                case DISK_FULL -> EnumSet.of(PullProbe.State.CHECKING);
                default -> EnumSet.of(PullProbe.State.FETCHING);
            };
        }
    }
}
