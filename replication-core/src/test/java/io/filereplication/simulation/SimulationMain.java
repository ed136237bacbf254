package io.filereplication.simulation;

/** Runs a range of seeds from the command line; one seed alone is told step by step when asked to. */
final class SimulationMain {
    private SimulationMain() {}

    public static void main(String[] arguments) {
        LoggedErrors.listen();
        long first = Long.getLong("simulation.first", 1);
        int seeds = Integer.getInteger("simulation.seeds", 500);
        try (CarrierPool pool = new CarrierPool("simulated")) {
            FaultTable table = new FaultTable();
            long begun = System.nanoTime();
            int bad = 0;
            long steps = 0, handovers = 0;
            for (long seed = first; seed < first + seeds; seed++) {
                Trace trace = Boolean.getBoolean("simulation.told") ? Trace.toldTo(System.out::println) : Trace.silent();
                Simulation.Outcome outcome = Simulation.run(seed, Variant.NONE, pool, trace);
                table.add(outcome.faults());
                steps += outcome.steps();
                handovers += outcome.handovers();
                if (Boolean.getBoolean("simulation.hashes")) {
                    System.out.println(seed + " " + Long.toHexString(outcome.trace()) + " " + outcome.steps() + " steps " + outcome.handovers() + " handovers " + outcome.virtualNanos() / 1_000_000_000 + " s " + outcome.faults().total() + " faults");
                }
                for (String violation : outcome.violations()) {
                    System.out.println(seed + ": " + violation);
                }
                bad += outcome.violations().isEmpty() ? 0 : 1;
            }
            double s = (System.nanoTime() - begun) / 1e9;
            System.out.println(table);
            System.out.printf("%.1f s, %.1f ms a seed, %d steps, %d handovers%n", s, s * 1000 / seeds, steps, handovers);
            System.out.println(table.emptyCells());
            System.out.printf("%d seeds, %,d faults, %d violations%n", seeds, table.total(), bad);
        }
    }
}
