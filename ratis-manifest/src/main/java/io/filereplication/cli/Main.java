package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParseResult;

/** The program. */
@Command(
        name = "file-replication",
        description = "Runs a node of a cluster that replicates files, and operates it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  node --dir n1 --id n1 --peer n1=127.0.0.1:6001:6002",
            "  put report.parquet reports/report.parquet --dir n1",
            "  status --dir n1 --watch"
        },
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Main.Version.class,
        mixinStandardHelpOptions = true)
public final class Main {
    /** Ratis's gRPC writes through the JDK's own logging; held here, since the JDK forgets levels of loggers that nobody holds. */
    private static final Logger GRPC_LOG = Logger.getLogger("org.apache.ratis.thirdparty");

    private Main() {}

    public static void main(String[] args) {
        configureLog(args);
        Streams streams = new Streams(System.in, System.out, System.err, isOnTerminal());
        System.exit(run(streams, args));
    }

    /** Since JDK 22 there is a console without a terminal too, and a method that tells them apart. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isOnTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    /** Before the first logger is made. What the user has set stays. */
    private static void configureLog(String[] args) {
        boolean node = args.length > 0 && args[0].equals("node");
        boolean verbose = List.of(args).contains("--verbose");
        set("defaultLogLevel", verbose ? "debug" : node ? "info" : "off");
        set("log.org.apache.ratis", verbose ? "info" : node ? "warn" : "off");
        // Each failed try of a connection, with its stack trace, and of a proposal, with its bytes, even when the
        // leader has merely
        // changed. Both are tried again, and what that comes to is said in our own words.
        set("log.org.apache.ratis.netty.client.NettyClientStreamRpc", verbose ? "info" : "off");
        set("log.org.apache.ratis.client.impl.OrderedAsync", verbose ? "info" : "off");
        if (!verbose) {
            GRPC_LOG.setLevel(Level.WARNING);
        }
        set("showDateTime", "true");
        set("dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
        set("showThreadName", "false");
        set("showShortLogName", "true");
    }

    private static void set(String name, String value) {
        String property = "org.slf4j.simpleLogger." + name;
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** Runs one command; its exit code. */
    static int run(Streams streams, String... args) {
        return commandLine(streams).execute(args);
    }

    static CommandLine commandLine(Streams streams) {
        CommandLine all = new CommandLine(new Main())
                .addSubcommand(new NodeCommand(streams))
                .addSubcommand(new PutCommand(streams))
                .addSubcommand(new GetCommand(streams))
                .addSubcommand(new LsCommand(streams))
                .addSubcommand(new StatCommand(streams))
                .addSubcommand(new RmCommand(streams))
                .addSubcommand(new StatusCommand(streams))
                .addSubcommand(new VerifyCommand(streams))
                .addSubcommand(new CatchUpCommand(streams))
                .addSubcommand(new CommandLine(new MemberCommand())
                        .addSubcommand(new MemberCommand.Add(streams))
                        .addSubcommand(new MemberCommand.Remove(streams)))
                .addSubcommand(new CommandLine(new SecretCommand()).addSubcommand(new SecretCommand.Generate(streams)));
        all.setOut(new PrintWriter(streams.out(), true, StandardCharsets.UTF_8));
        all.setErr(new PrintWriter(streams.err(), true, StandardCharsets.UTF_8));
        all.setCaseInsensitiveEnumValuesAllowed(true);
        all.registerConverter(java.time.Duration.class, Amounts::duration);
        all.setExecutionExceptionHandler(Main::failed);
        all.setParameterExceptionHandler((e, args) -> {
            e.getCommandLine().getErr().println(e.getMessage() + suggestion(e) + ". See --help");
            return ExitCode.USAGE.number();
        });
        all.getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(exitCodes());
        return all;
    }

    private static Map<String, String> exitCodes() {
        Map<String, String> codes = new LinkedHashMap<>();
        for (ExitCode code : ExitCode.values()) {
            codes.put(" " + code.number(), code.meaning());
        }
        return codes;
    }

    private static String suggestion(CommandLine.ParameterException e) {
        List<String> near =
                e instanceof CommandLine.UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        return near.isEmpty() ? "" : "; maybe " + near.get(0) + " is meant";
    }

    /** One sentence; the stack trace only for those who ask. */
    private static int failed(Exception failure, CommandLine command, ParseResult parsed) {
        boolean verbose = parsed.originalArgs().contains("--verbose");
        PrintWriter err = command.getErr();
        if (failure instanceof CommandFailure known) {
            err.println(known.getMessage());
            if (verbose) {
                failure.printStackTrace(err);
                err.print(known.remoteTrace());
                err.flush();
            }
            return known.code().number();
        }
        err.println("It failed: " + failure + (verbose ? "" : ". Run it again with --verbose to see where"));
        if (verbose) {
            failure.printStackTrace(err);
        }
        return ExitCode.FAILED.number();
    }

    /** From the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {version == null ? "development build" : version};
        }
    }
}
