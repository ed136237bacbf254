package io.filereplication.simulation;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** One seed, from an empty cluster over the disturbance to rest. */
final class Simulation {
    private static final int LEAST_ACTIONS = 30;
    private static final int MOST_ACTIONS = 60;
    private static final long PATIENCE_SECONDS = 600;

    /**
     * What came of it.
     *
     * @param trace the number that two runs of the same seed must agree on
     * @param steps how often somebody else could have gone on
     */
    record Outcome(
            long seed,
            long trace,
            long steps,
            long handovers,
            long virtualNanos,
            FaultTable faults,
            List<String> violations) {}

    private Simulation() {}

    static Outcome run(long seed, Variant variant, CarrierPool pool, Trace trace) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] switching = {20, 100, 300, 700};
        int switchPermille = switching[random.nextInt(switching.length)];
        int nodes = random.nextInt(4) == 0 ? 4 : 3;
        int actions = LEAST_ACTIONS + random.nextInt(MOST_ACTIONS - LEAST_ACTIONS);
        Kernel kernel = new Kernel(random.nextLong(), switchPermille, pool, trace);
        World world = new World(kernel, random.nextLong(), nodes, variant);
        Disturbance disturbance = new Disturbance(world, actions);
        try (Rotation rotation = world.rotation()) {
            kernel.run(() -> {
                disturbance.run();
                new Ending(world, PATIENCE_SECONDS).run();
            });
        }
        List<String> violations = new ArrayList<>(world.checks().violations());
        for (Throwable escaped : kernel.escaped()) {
            StringWriter text = new StringWriter();
            escaped.printStackTrace(new PrintWriter(text));
            violations.add("A task ended unexpectedly: " + text);
        }
        if (!kernel.errors().isEmpty()) {
            violations.add("It was logged as an error: " + String.join("\n", kernel.errors()));
        }
        return new Outcome(
                seed,
                trace.hash(),
                kernel.steps(),
                kernel.handovers(),
                kernel.now(),
                world.faults().table(),
                violations);
    }
}
