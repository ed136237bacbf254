package io.filereplication.pull;

import org.jspecify.annotations.Nullable;

/**
 * Pulls in order, linked through themselves: adding at either end and taking out of the middle take constant time, because
 * the apply thread does both. Guarded by the table's lock.
 */
final class PullQueue {
    private @Nullable Pull first;
    private @Nullable Pull last;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    @Nullable
    Pull first() {
        return first;
    }

    void addLast(Pull pull) {
        enter(pull);
        pull.previous = last;
        if (last == null) {
            first = pull;
        } else {
            last.next = pull;
        }
        last = pull;
    }

    void addFirst(Pull pull) {
        enter(pull);
        pull.next = first;
        if (first == null) {
            last = pull;
        } else {
            first.previous = pull;
        }
        first = pull;
    }

    @Nullable
    Pull pollFirst() {
        Pull pull = first;
        if (pull != null) {
            remove(pull);
        }
        return pull;
    }

    void remove(Pull pull) {
        if (pull.queue != this) {
            throw new IllegalStateException(pull + " is not in this queue");
        }
        if (pull.previous == null) {
            first = pull.next;
        } else {
            pull.previous.next = pull.next;
        }
        if (pull.next == null) {
            last = pull.previous;
        } else {
            pull.next.previous = pull.previous;
        }
        pull.queue = null;
        pull.previous = null;
        pull.next = null;
        size--;
    }

    private void enter(Pull pull) {
        if (pull.queue != null) {
            throw new IllegalStateException(pull + " is in a queue already");
        }
        pull.queue = this;
        size++;
    }
}
