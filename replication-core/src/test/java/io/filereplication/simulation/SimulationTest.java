package io.filereplication.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Several nodes under every fault that we know of, from one seed each; what must be true is asked at every step. */
final class SimulationTest {
    private static final long SEEDS = Long.getLong("simulation.seeds", 2_000);
    private static final long LEAST_FAULTS = 100_000;
    private static final int KERNELS = 2;

    @BeforeAll
    static void hearErrors() {
        LoggedErrors.listen();
    }

    @Test
    void everyClusterComesToRestWithExactlyTheRegisteredFiles() {
        SeedRange.Result result = new SeedRange(1, SEEDS, () -> Variant.NONE).run(KERNELS);
        System.out.println(result.table());
        System.out.println(result.summary());

        assertThat(result.reports()).as(result.summary()).isEmpty();
        assertThat(result.table().total()).isGreaterThanOrEqualTo(SEEDS * LEAST_FAULTS / 2_000);
        assertThat(result.table().emptyCells())
                .as("what no fault has met although it could, in\n%s", result.table())
                .isEmpty();
    }

    @Test
    void theSameSeedGivesTheSameTrace() {
        try (CarrierPool pool = new CarrierPool("again")) {
            for (long seed = 1; seed <= 20; seed++) {
                Simulation.Outcome once = Simulation.run(seed, Variant.NONE, pool, Trace.silent());
                Simulation.Outcome again = Simulation.run(seed, Variant.NONE, pool, Trace.silent());
                assertThat(again.trace()).as("seed %d", seed).isEqualTo(once.trace());
                assertThat(again.steps()).as("seed %d", seed).isEqualTo(once.steps());
            }
        }
    }
}
