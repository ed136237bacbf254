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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code status}. */
@Command(
        name = "status",
        description = {
            "Shows the members of the group: role, log index applied, lag, readiness, missing files, problems, failures.",
            "LAG is how many log entries a member has still to apply; OLDEST, for how long its oldest missing file is missing."
        },
        mixinStandardHelpOptions = true)
final class StatusCommand extends ControlCommand {
    private static final String CLEAR = "\u001b[H\u001b[J";

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
        super(streams);
    }

    @Override
    public Integer call() throws CommandFailure, InterruptedException {
        GroupStatus group = ask();
        if (watch == null) {
            show(group);
            return (!check || group.isWell() ? ExitCode.OK : ExitCode.NOT_WELL).number();
        }
        clear();
        show(group);
        // An error says that nobody reads it any more.
        while (!streams.out().checkError()) {
            TimeUnit.MILLISECONDS.sleep(watch.toMillis());
            lookAgain();
        }
        return ExitCode.OK.number();
    }

    /** A node that cannot be asked now is no reason to end: whoever watches may be waiting for it to come back. */
    private void lookAgain() {
        try {
            GroupStatus group = ask();
            clear();
            show(group);
        } catch (CommandFailure e) {
            clear();
            streams.err().println(e.getMessage());
        }
    }

    private void clear() {
        if (streams.terminal() && !output.json) {
            streams.out().print(CLEAR);
            streams.out().flush();
        }
    }

    private void show(GroupStatus group) {
        group.lines(output.json).forEach(streams.out()::println);
        streams.out().flush();
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
