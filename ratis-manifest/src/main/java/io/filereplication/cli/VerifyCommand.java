package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.proto.ControlProtocol.FindingProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.cli.control.proto.ControlProtocol.VerifyProto;
import io.filereplication.http.Json;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code verify}. */
@Command(
        name = "verify",
        description = {
            "Hashes this node's copies against the manifest; what is damaged or missing is pulled from other members.",
            "Counts files below the storage root that nobody registered, names at most 10,000 of them, and leaves them alone. "
                    + "Ends with 8 when files stay damaged or missing."
        },
        mixinStandardHelpOptions = true)
final class VerifyCommand extends ControlCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "PREFIX",
            defaultValue = "",
            description = "Only paths that begin with it; default: all.")
    private String prefix = "";

    @Option(
            names = "--rate",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            defaultValue = "0",
            description = "How many bytes a second are read, such as 50MB; default: as fast as the disk.")
    private long rate;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "5m",
            description = "How long to wait for repairs; default: ${DEFAULT-VALUE}.")
    private Duration wait = Duration.ofMinutes(5);

    VerifyCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() throws CommandFailure {
        VerifyProto verify = VerifyProto.newBuilder()
                .setPrefix(prefix)
                .setBytesPerSecond(rate)
                .setWaitMillis(wait.toMillis())
                .build();
        return run(RequestProto.newBuilder().setVerify(verify).build(), this::print, VerifyCommand::sentence);
    }

    private void print(FindingProto finding) {
        if (output.json) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("path", finding.getPath().toStringUtf8());
            json.put("outcome", finding.getOutcome());
            streams.out().println(Json.text(json));
        } else {
            streams.out().println(Paths.printable(finding.getPath()) + ": " + finding.getOutcome());
        }
    }

    private static String sentence(Map<String, Long> totals) {
        return totals.getOrDefault("files", 0L) + " files of "
                + Amounts.size(totals.getOrDefault("bytes", 0L)) + ": "
                + totals.getOrDefault("whole", 0L) + " whole, " + totals.getOrDefault("damaged", 0L)
                + " damaged, " + totals.getOrDefault("missing", 0L) + " missing; "
                + totals.getOrDefault("repaired", 0L) + " repaired, "
                + totals.getOrDefault("remaining", 0L) + " remaining; "
                + totals.getOrDefault("unregistered", 0L) + " unregistered";
    }
}
