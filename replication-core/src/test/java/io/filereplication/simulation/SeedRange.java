package io.filereplication.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Runs the seeds of a range, several kernels at once that share nothing. */
final class SeedRange {
    private static final int MOST_REPORTED = 10;

    /**
     * What came of a range.
     *
     * @param reports one for each of the first seeds that violated something, with how to repeat it
     */
    record Result(long seeds, long violatingSeeds, FaultTable table, List<String> reports) {
        /** The one line that says it all. */
        String summary() {
            return String.format("%,d seeds, %,d faults, %,d violations", seeds, table.total(), violatingSeeds);
        }
    }

    private final long first;
    private final long count;
    private final Supplier<Variant> variants;
    private final AtomicLong next;
    private final FaultTable table = new FaultTable();
    private final List<String> reports = new ArrayList<>();
    private long ran;
    private long violating;
    private @Nullable Pattern wanted;

    SeedRange(long first, long count, Supplier<Variant> variants) {
        this.first = first;
        this.count = count;
        this.variants = variants;
        this.next = new AtomicLong(first);
    }

    /** Runs all of them on {@code kernels} kernels. */
    Result run(int kernels) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < kernels; i++) {
            Thread thread = new Thread(this::work, "seeds-" + i);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
        return new Result(ran, violating, table, reports);
    }

    /** The same until the first seed that violates something in the words of {@code complaint}; others do not count. */
    Result runUntil(String complaint, int kernels) {
        wanted = Pattern.compile(complaint);
        return run(kernels);
    }

    private void work() {
        try (CarrierPool pool = new CarrierPool(Thread.currentThread().getName())) {
            for (long seed = next.getAndIncrement(); seed < first + count; seed = next.getAndIncrement()) {
                if (wanted != null && hasViolated()) {
                    return;
                }
                add(runOne(seed, pool));
            }
        }
    }

    private Simulation.Outcome runOne(long seed, CarrierPool pool) {
        try {
            return Simulation.run(seed, variants.get(), pool, Trace.silent());
        } catch (RuntimeException | Error e) {
            return new Simulation.Outcome(seed, 0, 0, 0, 0, new FaultTable(), List.of(String.valueOf(e)));
        }
    }

    private synchronized boolean hasViolated() {
        return violating > 0;
    }

    private synchronized void add(Simulation.Outcome outcome) {
        ran++;
        table.add(outcome.faults());
        Pattern only = wanted;
        boolean counts = outcome.violations().stream()
                .anyMatch(violation -> only == null || only.matcher(violation).find());
        if (counts) {
            violating++;
            if (reports.size() < MOST_REPORTED) {
                reports.add(report(outcome));
            }
        }
    }

    private static String report(Simulation.Outcome outcome) {
        return "seed " + outcome.seed() + ":\n  " + String.join("\n  ", outcome.violations())
                + "\n  repeat it with: mvn -B -ntp -q -Psimulation -Dsimulation.first=" + outcome.seed()
                + " -Dsimulation.seeds=1 -Dsimulation.told=true verify";
    }
}
