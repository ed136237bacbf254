package io.filereplication.manifest;

import io.filereplication.Lsn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers in the order in which they were given: one slot for each operation, in a ring, a batch being neighbouring slots.
 *
 * <p>The slots are in pages of plain arrays: a hundred thousand small objects would cost several times as much and would be
 * traced by every collection. A page that a {@link #frozen} ring has too is copied before it is written, so that freezing copies
 * nothing but references.
 *
 * <p>Not thread-safe. What is frozen does not change and may be read by another thread.
 */
final class AnswerRing {
    private static final int PAGE_BITS = 8;
    private static final int PAGE_SLOTS = 1 << PAGE_BITS;
    private static final int PAGE_MASK = PAGE_SLOTS - 1;
    private static final int REFUSED_BIT = 0x40;

    private final int capacity;
    private final List<Page> pages;
    private int freezes;
    private int size;
    private int oldest;
    private int next;
    private long forgottenIndex = -1;

    /** An empty ring for {@code capacity} operations. */
    AnswerRing(int capacity) {
        this.capacity = capacity;
        this.pages = new ArrayList<>();
    }

    private AnswerRing(AnswerRing other) {
        capacity = other.capacity;
        pages = List.copyOf(other.pages);
        // No page is this ring's own, so that none is written.
        freezes = -1;
        size = other.size;
        oldest = other.oldest;
        next = other.next;
        forgottenIndex = other.forgottenIndex;
    }

    /** The slots of one stretch of the ring, made after {@code freezes} freezes of it. */
    private record Page(
            int freezes,
            long[] idHigh,
            long[] idLow,
            long[] logIndex,
            long[] lsnIndex,
            long[] contentIndex,
            int[] lsnOrdinal,
            int[] contentOrdinal,
            // In a batch's first slot the number of its operations, in the others 0.
            int[] batchSize,
            // Status code, and in a refused batch's first slot REFUSED_BIT.
            byte[] status) {

        static Page empty(int freezes) {
            return new Page(
                    freezes,
                    new long[PAGE_SLOTS],
                    new long[PAGE_SLOTS],
                    new long[PAGE_SLOTS],
                    new long[PAGE_SLOTS],
                    new long[PAGE_SLOTS],
                    new int[PAGE_SLOTS],
                    new int[PAGE_SLOTS],
                    new int[PAGE_SLOTS],
                    new byte[PAGE_SLOTS]);
        }

        Page copy(int newFreezes) {
            return new Page(
                    newFreezes,
                    idHigh.clone(),
                    idLow.clone(),
                    logIndex.clone(),
                    lsnIndex.clone(),
                    contentIndex.clone(),
                    lsnOrdinal.clone(),
                    contentOrdinal.clone(),
                    batchSize.clone(),
                    status.clone());
        }
    }

    /** The ring as it is now, to be read only. */
    AnswerRing frozen() {
        freezes++;
        return new AnswerRing(this);
    }

    /** How many operations have a slot. */
    int size() {
        return size;
    }

    /** Whether answers to {@code operations} more operations can be remembered once the oldest are forgotten. */
    boolean canHold(int operations) {
        return operations <= capacity;
    }

    boolean hasRoomFor(int operations) {
        return size + operations <= capacity;
    }

    /** The log index of the newest batch whose answer has been forgotten, or -1. */
    long forgottenIndex() {
        return forgottenIndex;
    }

    void setForgottenIndex(long index) {
        forgottenIndex = index;
    }

    /** Takes the answer to {@code id}, which has at least one operation and for which there is room; answers its first slot. */
    int add(OperationId id, BatchResult answer) {
        int first = next;
        for (OperationResult operation : answer.operations()) {
            Page page = writable(next);
            int at = next & PAGE_MASK;
            page.idHigh[at] = id.high();
            page.idLow[at] = id.low();
            page.logIndex[at] = answer.logIndex();
            page.batchSize[at] = 0;
            page.status[at] = (byte) operation.status().code();
            Lsn lsn = operation.lsn();
            page.lsnIndex[at] = lsn == null ? 0 : lsn.index();
            page.lsnOrdinal[at] = lsn == null ? -1 : lsn.ordinal();
            Lsn content = operation.contentLsn();
            page.contentIndex[at] = content == null ? 0 : content.index();
            page.contentOrdinal[at] = content == null ? -1 : content.ordinal();
            next = after(next, 1);
        }
        Page page = writable(first);
        page.batchSize[first & PAGE_MASK] = answer.operations().size();
        if (answer.verdict() == BatchResult.Verdict.REFUSED) {
            page.status[first & PAGE_MASK] |= REFUSED_BIT;
        }
        size += answer.operations().size();
        return first;
    }

    /** The page of {@code slot}, which no frozen ring has. Slots are taken into use in their order. */
    private Page writable(int slot) {
        int number = slot >>> PAGE_BITS;
        if (number == pages.size()) {
            pages.add(Page.empty(freezes));
        }
        Page page = pages.get(number);
        if (page.freezes != freezes) {
            page = page.copy(freezes);
            pages.set(number, page);
        }
        return page;
    }

    /** The first slot of the oldest batch; only while there is one. */
    int oldest() {
        return oldest;
    }

    /** Forgets the oldest batch, as a whole. */
    void forgetOldest() {
        Page page = page(oldest);
        int at = oldest & PAGE_MASK;
        forgottenIndex = Math.max(forgottenIndex, page.logIndex[at]);
        size -= page.batchSize[at];
        oldest = after(oldest, page.batchSize[at]);
    }

    long idHigh(int slot) {
        return page(slot).idHigh[slot & PAGE_MASK];
    }

    long idLow(int slot) {
        return page(slot).idLow[slot & PAGE_MASK];
    }

    /** The answer whose first slot this is. */
    BatchResult answerAt(int first) {
        Page page = page(first);
        int at = first & PAGE_MASK;
        int count = page.batchSize[at];
        List<OperationResult> results = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            results.add(resultAt(after(first, i)));
        }
        boolean refused = (page.status[at] & REFUSED_BIT) != 0;
        return new BatchResult(
                refused ? BatchResult.Verdict.REFUSED : BatchResult.Verdict.APPLIED, page.logIndex[at], results);
    }

    private OperationResult resultAt(int slot) {
        Page page = page(slot);
        int at = slot & PAGE_MASK;
        OperationStatus status = OperationStatus.ofCode(page.status[at] & ~REFUSED_BIT);
        if (status == null) {
            throw new IllegalStateException("Slot " + slot + " holds no status: " + page.status[at]);
        }
        return new OperationResult(
                status,
                page.contentOrdinal[at] < 0 ? null : new Lsn(page.contentIndex[at], page.contentOrdinal[at]),
                page.lsnOrdinal[at] < 0 ? null : new Lsn(page.lsnIndex[at], page.lsnOrdinal[at]));
    }

    /** Every answer, oldest first. */
    void forEach(Visitor visitor) throws IOException {
        int slot = oldest;
        for (int left = size; left > 0; ) {
            BatchResult answer = answerAt(slot);
            visitor.visit(new OperationId(idHigh(slot), idLow(slot)), answer);
            left -= answer.operations().size();
            slot = after(slot, answer.operations().size());
        }
    }

    @FunctionalInterface
    interface Visitor {
        void visit(OperationId id, BatchResult answer) throws IOException;
    }

    private Page page(int slot) {
        return pages.get(slot >>> PAGE_BITS);
    }

    private int after(int slot, int count) {
        return (slot + count) % capacity;
    }
}
