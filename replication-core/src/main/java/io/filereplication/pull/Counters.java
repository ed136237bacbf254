package io.filereplication.pull;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The puller's counters. Thread-safe; counting never blocks. */
final class Counters {
    private final Map<Count, LongAdder> adders = new EnumMap<>(Count.class);

    Counters() {
        for (Count count : Count.values()) {
            adders.put(count, new LongAdder());
        }
    }

    void add(Count count) {
        add(count, 1);
    }

    void add(Count count, long amount) {
        LongAdder adder = adders.get(count);
        if (adder != null) {
            adder.add(amount);
        }
    }

    Map<Count, Long> snapshot() {
        Map<Count, Long> values = new EnumMap<>(Count.class);
        adders.forEach((count, adder) -> values.put(count, adder.sum()));
        return values;
    }
}
