package io.filereplication;

/**
 * A position in the Raft log: the entry's index and the operation's ordinal in that entry. Totally ordered, never reused.
 *
 * @param index Raft log index, at least 0
 * @param ordinal place of the operation in that log entry, counted from 0
 */
public record Lsn(long index, int ordinal) implements Comparable<Lsn> {
    public Lsn {
        if (index < 0 || ordinal < 0) {
            throw new IllegalArgumentException("Lsn " + index + "." + ordinal + " has a negative part");
        }
    }

    /** Whether this position is later in the log than {@code other}. */
    public boolean isAfter(Lsn other) {
        return compareTo(other) > 0;
    }

    @Override
    public int compareTo(Lsn other) {
        return index != other.index ? Long.compare(index, other.index) : Integer.compare(ordinal, other.ordinal);
    }

    @Override
    public String toString() {
        return index + "." + ordinal;
    }
}
