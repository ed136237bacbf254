package io.filereplication.demo;

import io.filereplication.time.Ticker;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The demo cluster: {@code mvn -B -ntp -q -Pdemo verify}.
 *
 * <p>Exit codes: 0 when every file is where it should be and as it was written; 1 when something differs or failed; 2 when
 * the command line is wrong; 130 after Ctrl-C. The temporary directory of the run and its processes are gone afterwards, also after Ctrl-C.
 */
public final class Demo {
    static final int DIFFERENT = 1;
    static final int BAD_USAGE = 2;
    static final int INTERRUPTED = 130;

    private static final int FIRST_DAYS = 260;
    private static final int LATER_DAYS = 60;
    private static final int NODES = 3;
    private static final long RESERVE_BYTES = 1L << 30;
    private static final Duration SIGNAL_TIME = Duration.ofMillis(500);

    private final PrintStream out;
    private final Ticker ticker;
    private final Class<?> nodeMain;

    Demo(PrintStream out, Ticker ticker, Class<?> nodeMain) {
        this.out = out;
        this.ticker = ticker;
        this.nodeMain = nodeMain;
    }

    public static void main(String[] args) {
        int exitCode = new Demo(System.out, Ticker.system(), DemoNode.class).run(List.of(args));
        System.out.flush();
        System.exit(exitCode);
    }

    /** Runs the demo as {@code arguments} say; returns the exit code. */
    int run(List<String> arguments) {
        try {
            DemoOptions options = DemoOptions.parse(arguments);
            Workload workload = options.files() == null
                    ? new GeneratedWorkload(FIRST_DAYS, LATER_DAYS)
                    : new OwnFilesWorkload(SourceTree.list(options.files()));
            return run(workload, options);
        } catch (DemoFailure e) {
            out.println(e.getMessage());
            out.println(DemoOptions.USAGE);
            return BAD_USAGE;
        }
    }

    /** Runs the demo with {@code workload}; returns the exit code. */
    int run(Workload workload, DemoOptions options) {
        long begun = ticker.nanoTime();
        int exitCode;
        try (RunDirectory run = RunDirectory.create(options.work())) {
            Thread hook = new Thread(() -> closeQuietly(run), "demo-cleanup");
            Runtime.getRuntime().addShutdownHook(hook);
            requireSpace(run.root(), workload);
            exitCode = run(workload, run, display(options.progress()));
        } catch (IOException e) {
            out.println("The temporary directory cannot be made or deleted: " + e);
            return DIFFERENT;
        } catch (DemoFailure e) {
            out.println(e.getMessage());
            return DIFFERENT;
        }
        String after = " after " + Amounts.seconds(ticker.nanoTime() - begun) + " s; nothing was left behind.";
        switch (exitCode) {
            case 0 -> out.println("The demo ended well" + after);
            case INTERRUPTED -> out.println("The demo was interrupted" + after);
            default -> out.println("The demo failed" + after);
        }
        return exitCode;
    }

    private int run(Workload workload, RunDirectory run, ProgressDisplay display) throws IOException {
        DemoCluster cluster = new DemoCluster(run, nodeMain, display, ticker);
        try {
            List<String> differences = new DemoRun(workload, cluster, display, ticker).run();
            differences.forEach(difference -> display.say("DIFFERENT: " + difference));
            return differences.isEmpty() ? 0 : DIFFERENT;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return INTERRUPTED;
        } catch (DemoFailure e) {
            // Ctrl-C ends the nodes, too, and their end may be seen here before its own signal has arrived.
            if (run.isClosingWithin(SIGNAL_TIME)) {
                return INTERRUPTED;
            }
            display.say("FAILED: " + e.getMessage());
            cluster.logs().forEach(display::say);
            return DIFFERENT;
        }
    }

    private static void requireSpace(Path directory, Workload workload) throws DemoFailure, IOException {
        long needed = NODES * workload.bytes() + RESERVE_BYTES;
        long usable = Files.getFileStore(directory).getUsableSpace();
        if (usable < needed) {
            throw new DemoFailure("The demo needs " + Amounts.size(needed) + " below " + directory + ", where "
                    + Amounts.size(usable) + " are free; name another place with --work DIR");
        }
    }

    private ProgressDisplay display(DemoOptions.Progress progress) {
        boolean live =
                progress == DemoOptions.Progress.LIVE || (progress == DemoOptions.Progress.AUTO && hasTerminal());
        return live ? new LiveProgress(out) : new PlainProgress(out, ticker);
    }

    /** Up to JDK 21 a console is a terminal; from JDK 22 on there is always one, and a method that tells. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean hasTerminal() {
        Console console = System.console();
        String terminal = System.getenv("TERM");
        if (console == null || terminal == null || terminal.equals("dumb")) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    private void closeQuietly(RunDirectory run) {
        try {
            run.close();
        } catch (IOException e) {
            out.println("The temporary directory " + run.root() + " cannot be deleted: " + e);
        }
    }
}
