package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlClient;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.proto.ControlProtocol.MemberProto;
import io.filereplication.cli.control.proto.ControlProtocol.MembersProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code status}. */
@Command(
        name = "status",
        description = {
            "Shows the members of the group: role, log index applied, lag, readiness, missing files, problems, failures.",
            "LAG is how many log entries a member has still to apply; OLDEST, for how long its oldest missing file is missing."
        },
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    private static final String CLEAR = "\u001b[H\u001b[J";

    private final Streams streams;

    @Mixin
    private final NodeOption node = new NodeOption();

    @Mixin
    private final OutputOption output = new OutputOption();

    @Option(
            names = {"-w", "--watch"},
            arity = "0..1",
            fallbackValue = "2s",
            paramLabel = "DURATION",
            description =
                    "Shows it again and again, every ${FALLBACK-VALUE} unless told otherwise, until it is stopped.")
    private @Nullable Duration watch;

    @Option(names = "--local", description = "Only this node; asks no other member.")
    private boolean local;

    @Option(
            names = "--check",
            description = "Ends with 8 unless every member that is shown answers, is caught up and has no problem.")
    private boolean check;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "2s",
            description = "How long to wait for the other members; default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ofSeconds(2);

    StatusCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws CommandFailure, InterruptedException {
        while (true) {
            GroupStatus group = ask();
            if (watch != null && streams.terminal() && !output.json) {
                streams.out().print(CLEAR);
            }
            group.lines(output.json).forEach(streams.out()::println);
            streams.out().flush();
            if (watch == null) {
                boolean well = !check || group.isWell();
                return (well ? ExitCode.OK : ExitCode.NOT_WELL).number();
            }
            if (streams.out().checkError()) {
                // Nobody reads it any more.
                return ExitCode.OK.number();
            }
            TimeUnit.MILLISECONDS.sleep(watch.toMillis());
        }
    }

    private GroupStatus ask() throws CommandFailure {
        List<MemberProto> answers = new ArrayList<>();
        try (ControlClient client = node.connect()) {
            client.run(
                    RequestProto.newBuilder()
                            .setStatus(MembersProto.newBuilder()
                                    .setWaitMillis(local ? 0 : Math.max(1, timeout.toMillis())))
                            .build(),
                    reply -> answers.add(reply.getMember()));
        }
        return GroupStatus.of(answers);
    }
}
