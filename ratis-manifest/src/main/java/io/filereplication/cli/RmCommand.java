package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlClient;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.control.proto.ControlProtocol.FindingProto;
import io.filereplication.cli.control.proto.ControlProtocol.RemoveProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.http.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rm}. */
@Command(
        name = "rm",
        description = "Deletes files from the cluster: every node removes its copy after a grace period.",
        mixinStandardHelpOptions = true)
final class RmCommand extends ControlCommand {
    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Paths in the cluster.")
    private List<String> paths = new ArrayList<>();

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "the command line",
            description = "For people who read logs; default: ${DEFAULT-VALUE}.")
    private String reason = "";

    @Option(
            names = {"-f", "--force"},
            description = "A path that is not registered is no failure.")
    private boolean force;

    RmCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() throws CommandFailure {
        RemoveProto.Builder remove = RemoveProto.newBuilder().setReason(reason);
        for (String path : paths) {
            remove.addPaths(Paths.bytes(path));
        }
        try (ControlClient client = node.connect()) {
            DoneProto done =
                    client.run(RequestProto.newBuilder().setRemove(remove).build(), reply -> print(reply.getFinding()));
            return force ? ExitCode.OK.number() : done.getCode();
        }
    }

    private void print(FindingProto finding) {
        boolean removed = finding.getOutcome().equals("removed");
        if (output.json) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("path", finding.getPath().toStringUtf8());
            json.put("removed", removed);
            streams.out().println(Json.text(json));
        } else if (removed) {
            streams.out().println(Paths.printable(finding.getPath()) + " is removed");
        } else {
            streams.err()
                    .println("No file is registered as " + Paths.printable(finding.getPath()) + ": 'ls' shows what is");
        }
    }
}
