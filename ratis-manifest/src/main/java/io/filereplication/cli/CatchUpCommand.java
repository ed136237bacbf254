package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.proto.ControlProtocol.CatchUpProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code catch-up}. */
@Command(
        name = "catch-up",
        description = {
            "Has this node walk over its manifest at once, instead of at the next interval, and pull what is missing.",
            "Ends when nothing is missing any more."
        },
        mixinStandardHelpOptions = true)
final class CatchUpCommand extends ControlCommand {
    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "10m",
            description = "How long to wait, 0 for not at all; default: ${DEFAULT-VALUE}.")
    private Duration wait = Duration.ofMinutes(10);

    CatchUpCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() throws CommandFailure {
        CatchUpProto catchUp =
                CatchUpProto.newBuilder().setWaitMillis(wait.toMillis()).build();
        return run(RequestProto.newBuilder().setCatchUp(catchUp).build(), finding -> {}, this::sentence);
    }

    private String sentence(Map<String, Long> totals) {
        return wait.isZero()
                ? "The walk is requested; 'status' shows what is missing"
                : "Caught up: " + totals.getOrDefault("walked", 0L) + " entries walked, "
                        + totals.getOrDefault("pulled", 0L) + " files of "
                        + Amounts.size(totals.getOrDefault("pulled_bytes", 0L)) + " pulled";
    }
}
