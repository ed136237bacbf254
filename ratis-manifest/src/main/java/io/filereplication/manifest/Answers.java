package io.filereplication.manifest;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The remembered answers of the last operations, so that a repeated batch gets its first answer and changes nothing.
 *
 * <p>Bounded by a count of operations and not by time, so that every node forgets the same answers at the same place in the
 * log. Batches are forgotten whole, the oldest first, so that what is remembered depends on the log alone and not on whether a
 * node went through a snapshot. An open-addressed table finds a batch's first slot in the {@link AnswerRing} by its id.
 *
 * <p>Not thread-safe; belongs to the apply thread. {@link #frozen} gives a snapshot its own.
 */
final class Answers {
    /** How many operations are remembered: a constant of format version 1, because every node must forget alike. */
    static final int CAPACITY = 100_000;

    private static final int FREE = -1;
    private static final int FIRST_TABLE = 128;

    private final AnswerRing ring;
    private int[] table = newTable(FIRST_TABLE);

    Answers(int capacity) {
        ring = new AnswerRing(capacity);
    }

    private static int[] newTable(int length) {
        int[] table = new int[length];
        Arrays.fill(table, FREE);
        return table;
    }

    /** What is remembered now, oldest first, for another thread to read; nothing but references is copied. */
    AnswerRing frozen() {
        return ring.frozen();
    }

    /** The log index of the newest batch whose answer has been forgotten, or -1. */
    long forgottenIndex() {
        return ring.forgottenIndex();
    }

    void setForgottenIndex(long index) {
        ring.setForgottenIndex(index);
    }

    /** The first answer to this id, or null when there was none or it is forgotten. */
    @Nullable
    BatchResult find(OperationId id) {
        int first = table[position(id.high(), id.low())];
        return first == FREE ? null : ring.answerAt(first);
    }

    /** Remembers the answer to {@code id}; one without operations, or with more than the capacity, is not remembered. */
    void remember(OperationId id, BatchResult answer) {
        int operations = answer.operations().size();
        if (operations == 0 || !ring.canHold(operations)) {
            return;
        }
        while (!ring.hasRoomFor(operations)) {
            int oldest = ring.oldest();
            remove(position(ring.idHigh(oldest), ring.idLow(oldest)));
            ring.forgetOldest();
        }
        int first = ring.add(id, answer);
        growTable();
        table[position(id.high(), id.low())] = first;
    }

    /** At least half of the table stays free. */
    private void growTable() {
        if (ring.size() <= table.length / 2) {
            return;
        }
        int[] before = table;
        table = newTable(Integer.highestOneBit(ring.size()) << 2);
        for (int first : before) {
            if (first != FREE) {
                table[position(ring.idHigh(first), ring.idLow(first))] = first;
            }
        }
    }

    /** Where the id is in the table, or the free place where it belongs. */
    private int position(long high, long low) {
        int mask = table.length - 1;
        int at = home(high, low);
        while (table[at] != FREE && (ring.idHigh(table[at]) != high || ring.idLow(table[at]) != low)) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private int home(long high, long low) {
        long mixed = (high ^ Long.rotateLeft(low, 32)) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32) & (table.length - 1);
    }

    /** Frees a place and moves what was displaced by it back towards its home, so that no search ends too early. */
    private void remove(int place) {
        int mask = table.length - 1;
        int hole = place;
        int at = place;
        table[hole] = FREE;
        while (true) {
            at = (at + 1) & mask;
            int slot = table[at];
            if (slot == FREE) {
                return;
            }
            int home = home(ring.idHigh(slot), ring.idLow(slot));
            boolean homeBetweenHoleAndHere = hole <= at ? hole < home && home <= at : hole < home || home <= at;
            if (!homeBetweenHoleAndHere) {
                table[hole] = slot;
                table[at] = FREE;
                hole = at;
            }
        }
    }
}
