package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlClient;
import io.filereplication.cli.control.proto.ControlProtocol.CatchUpProto;
import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code catch-up}. */
@Command(
        name = "catch-up",
        description = {
            "Has this node walk over its manifest at once, instead of at the next interval, and pull what is missing.",
            "Ends when nothing is missing any more."
        },
        mixinStandardHelpOptions = true)
final class CatchUpCommand implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private final NodeOption node = new NodeOption();

    @Mixin
    private final OutputOption output = new OutputOption();

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "10m",
            description = "How long to wait, 0 for not at all; default: ${DEFAULT-VALUE}.")
    private Duration wait = Duration.ofMinutes(10);

    CatchUpCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws CommandFailure {
        try (ControlClient client = node.connect();
                Progress progress = output.progress(streams)) {
            DoneProto done = client.run(
                    RequestProto.newBuilder()
                            .setCatchUp(CatchUpProto.newBuilder().setWaitMillis(wait.toMillis()))
                            .build(),
                    reply -> progress.show(reply.getProgress()));
            progress.close();
            print(done.getTotalsMap());
            return done.getCode();
        }
    }

    private void print(Map<String, Long> totals) {
        if (output.json) {
            streams.out().println(Json.text(new TreeMap<>(totals)));
        } else if (wait.isZero()) {
            streams.out().println("The walk is requested; 'status' shows what is missing");
        } else {
            streams.out()
                    .println("Caught up: " + totals.getOrDefault("walked", 0L) + " entries walked, "
                            + totals.getOrDefault("pulled", 0L) + " files of "
                            + Amounts.size(totals.getOrDefault("pulled_bytes", 0L)) + " pulled");
        }
    }
}
