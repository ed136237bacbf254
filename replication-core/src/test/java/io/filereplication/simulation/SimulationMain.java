package io.filereplication.simulation;

/**
 * A range of seeds from the command line (the Maven profile {@code simulation}): {@code simulation.first},
 * {@code simulation.seeds}, {@code simulation.kernels}; {@code simulation.told} tells a seed step by step,
 * {@code simulation.hashes} prints the trace of each seed as a number.
 */
final class SimulationMain {
    private SimulationMain() {}

    public static void main(String[] arguments) {
        LoggedErrors.listen();
        long first = Long.getLong("simulation.first", 1);
        long seeds = Long.getLong("simulation.seeds", 500);
        int kernels =
                Integer.getInteger("simulation.kernels", Runtime.getRuntime().availableProcessors());
        if (Boolean.getBoolean("simulation.told") || Boolean.getBoolean("simulation.hashes")) {
            oneByOne(first, seeds);
        }
        SeedRange.Result result = new SeedRange(first, seeds, () -> Variant.NONE).run(kernels);
        System.out.println(result.table());
        result.reports().forEach(System.out::println);
        System.out.println(result.summary());
        System.exit(result.violatingSeeds() == 0 ? 0 : 1);
    }

    private static void oneByOne(long first, long seeds) {
        try (CarrierPool pool = new CarrierPool("told")) {
            for (long seed = first; seed < first + seeds; seed++) {
                boolean told = Boolean.getBoolean("simulation.told");
                Trace trace = told ? Trace.toldTo(System.out::println) : Trace.silent();
                Simulation.Outcome outcome = Simulation.run(seed, Variant.NONE, pool, trace);
                System.out.printf(
                        "seed %d: trace %016x, %d steps, %d handovers, %d virtual seconds, %d faults, %d violations%n",
                        seed,
                        outcome.trace(),
                        outcome.steps(),
                        outcome.handovers(),
                        outcome.virtualNanos() / 1_000_000_000,
                        outcome.faults().total(),
                        outcome.violations().size());
            }
        }
    }
}
