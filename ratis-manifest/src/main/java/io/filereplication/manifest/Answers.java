package io.filereplication.manifest;

import io.filereplication.Lsn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The remembered answers of the last operations, so that a repeated batch gets its first answer and changes nothing.
 *
 * <p>Bounded by a count of operations and not by time, so that every node forgets the same answers at the same place in the
 * log. One slot per operation in a ring of plain arrays (a hundred thousand small objects would cost several times as
 * much and would be traced by every collection), a batch being neighbouring slots; an open-addressed table finds a batch's
 * first slot by its id. Batches are forgotten whole, the oldest first, so that what is remembered depends on the log alone
 * and not on whether a node went through a snapshot.
 *
 * <p>Not thread-safe; belongs to the apply thread. {@link #copy} gives a snapshot its own.
 */
final class Answers {
    /** How many operations are remembered: a constant of format version 1, because every node must forget alike. */
    static final int CAPACITY = 100_000;

    private static final int FREE = -1;
    private static final int FIRST_ROOM = 64;
    private static final int REFUSED_BIT = 0x40;

    private final int capacity;
    private long[] idHigh;
    private long[] idLow;
    private long[] logIndex;
    private long[] lsnIndex;
    private long[] contentIndex;
    private int[] lsnOrdinal;
    private int[] contentOrdinal;
    /** In a batch's first slot the number of its operations, in the others 0. */
    private int[] batchSize;
    /** Status code, and in a refused batch's first slot {@link #REFUSED_BIT}. */
    private byte[] status;

    private int[] table;
    private int size;
    private int oldest;
    private int next;
    private long forgottenIndex = -1;

    Answers(int capacity) {
        this.capacity = capacity;
        int room = Math.min(FIRST_ROOM, capacity);
        idHigh = new long[room];
        idLow = new long[room];
        logIndex = new long[room];
        lsnIndex = new long[room];
        contentIndex = new long[room];
        lsnOrdinal = new int[room];
        contentOrdinal = new int[room];
        batchSize = new int[room];
        status = new byte[room];
        table = newTable(room);
    }

    private Answers(Answers other) {
        capacity = other.capacity;
        idHigh = other.idHigh.clone();
        idLow = other.idLow.clone();
        logIndex = other.logIndex.clone();
        lsnIndex = other.lsnIndex.clone();
        contentIndex = other.contentIndex.clone();
        lsnOrdinal = other.lsnOrdinal.clone();
        contentOrdinal = other.contentOrdinal.clone();
        batchSize = other.batchSize.clone();
        status = other.status.clone();
        table = other.table.clone();
        size = other.size;
        oldest = other.oldest;
        next = other.next;
        forgottenIndex = other.forgottenIndex;
    }

    Answers copy() {
        return new Answers(this);
    }

    private static int[] newTable(int room) {
        int[] table = new int[Integer.highestOneBit(Math.max(room, 2) - 1) << 2];
        Arrays.fill(table, FREE);
        return table;
    }

    /** The log index of the newest batch whose answer has been forgotten, or -1. */
    long forgottenIndex() {
        return forgottenIndex;
    }

    void setForgottenIndex(long index) {
        forgottenIndex = index;
    }

    /** The first answer to this id, or null when there was none or it is forgotten. */
    @Nullable
    BatchResult find(OperationId id) {
        int at = table[position(id.high(), id.low())];
        return at == FREE ? null : batchAt(at);
    }

    private BatchResult batchAt(int first) {
        int count = batchSize[first];
        List<OperationResult> results = new ArrayList<>(count);
        int slot = first;
        for (int i = 0; i < count; i++) {
            results.add(resultAt(slot));
            slot = after(slot);
        }
        boolean refused = (status[first] & REFUSED_BIT) != 0;
        return new BatchResult(
                refused ? BatchResult.Verdict.REFUSED : BatchResult.Verdict.APPLIED, logIndex[first], results);
    }

    private OperationResult resultAt(int slot) {
        OperationStatus code = OperationStatus.ofCode(status[slot] & ~REFUSED_BIT);
        if (code == null) {
            throw new IllegalStateException("Slot " + slot + " holds no status: " + status[slot]);
        }
        return new OperationResult(
                code,
                contentOrdinal[slot] < 0 ? null : new Lsn(contentIndex[slot], contentOrdinal[slot]),
                lsnOrdinal[slot] < 0 ? null : new Lsn(lsnIndex[slot], lsnOrdinal[slot]));
    }

    /** Remembers the answer to {@code id}, whose operations are at most the capacity; an empty one is not remembered. */
    void remember(OperationId id, BatchResult answer) {
        List<OperationResult> operations = answer.operations();
        if (operations.isEmpty() || operations.size() > capacity) {
            return;
        }
        makeRoom(operations.size());
        int first = next;
        for (OperationResult operation : operations) {
            idHigh[next] = id.high();
            idLow[next] = id.low();
            logIndex[next] = answer.logIndex();
            batchSize[next] = 0;
            status[next] = (byte) operation.status().code();
            Lsn lsn = operation.lsn();
            lsnIndex[next] = lsn == null ? 0 : lsn.index();
            lsnOrdinal[next] = lsn == null ? -1 : lsn.ordinal();
            Lsn content = operation.contentLsn();
            contentIndex[next] = content == null ? 0 : content.index();
            contentOrdinal[next] = content == null ? -1 : content.ordinal();
            next = after(next);
        }
        size += operations.size();
        batchSize[first] = operations.size();
        if (answer.verdict() == BatchResult.Verdict.REFUSED) {
            status[first] |= REFUSED_BIT;
        }
        table[position(id.high(), id.low())] = first;
    }

    /** Everything that is remembered, oldest first. */
    void forEach(Visitor visitor) throws IOException {
        int slot = oldest;
        for (int left = size; left > 0; ) {
            int count = batchSize[slot];
            visitor.visit(new OperationId(idHigh[slot], idLow[slot]), batchAt(slot));
            left -= count;
            slot = (slot + count) % capacity;
        }
    }

    @FunctionalInterface
    interface Visitor {
        void visit(OperationId id, BatchResult answer) throws IOException;
    }

    private int after(int slot) {
        return slot + 1 == capacity ? 0 : slot + 1;
    }

    private void makeRoom(int operations) {
        if (size + operations > status.length && status.length < capacity) {
            grow(Math.min(capacity, Math.max(status.length * 2, size + operations)));
        }
        while (size + operations > capacity) {
            forgottenIndex = Math.max(forgottenIndex, logIndex[oldest]);
            remove(position(idHigh[oldest], idLow[oldest]));
            int count = batchSize[oldest];
            size -= count;
            oldest = (oldest + count) % capacity;
        }
    }

    /** Only before the ring has gone round, so that the slots before {@code size} are the ones in use. */
    private void grow(int room) {
        idHigh = Arrays.copyOf(idHigh, room);
        idLow = Arrays.copyOf(idLow, room);
        logIndex = Arrays.copyOf(logIndex, room);
        lsnIndex = Arrays.copyOf(lsnIndex, room);
        contentIndex = Arrays.copyOf(contentIndex, room);
        lsnOrdinal = Arrays.copyOf(lsnOrdinal, room);
        contentOrdinal = Arrays.copyOf(contentOrdinal, room);
        batchSize = Arrays.copyOf(batchSize, room);
        status = Arrays.copyOf(status, room);
        table = newTable(room);
        for (int slot = 0; slot < size; slot += batchSize[slot]) {
            table[position(idHigh[slot], idLow[slot])] = slot;
        }
    }

    /** Where the id is in the table, or the free place where it belongs. */
    private int position(long high, long low) {
        int mask = table.length - 1;
        int at = home(high, low);
        while (table[at] != FREE && (idHigh[table[at]] != high || idLow[table[at]] != low)) {
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
            int home = home(idHigh[slot], idLow[slot]);
            boolean homeBetweenHoleAndHere = hole <= at ? hole < home && home <= at : hole < home || home <= at;
            if (!homeBetweenHoleAndHere) {
                table[hole] = slot;
                table[at] = FREE;
                hole = at;
            }
        }
    }
}
