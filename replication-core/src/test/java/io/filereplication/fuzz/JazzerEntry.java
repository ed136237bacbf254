package io.filereplication.fuzz;

/**
 * What Jazzer calls with each input it makes up. {@code -Dfuzz.target} names the target. Run by the Maven profile
 * {@code fuzz}; it uses nothing of Jazzer's, which finds this method by its name.
 */
public final class JazzerEntry {
    private static final FuzzTarget TARGET = target();

    private JazzerEntry() {}

    private static FuzzTarget target() {
        String name = System.getProperty("fuzz.target", "");
        FuzzTarget target = FuzzTargets.all().get(name);
        if (target == null) {
            throw new IllegalArgumentException("There is no target '" + name + "', only "
                    + FuzzTargets.all().keySet());
        }
        return target;
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.run(input);
    }
}
