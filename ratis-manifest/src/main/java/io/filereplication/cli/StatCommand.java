package io.filereplication.cli;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlClient;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.proto.ControlProtocol.MemberProto;
import io.filereplication.cli.control.proto.ControlProtocol.MembersProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.http.Json;
import io.filereplication.manifest.Queries;
import io.filereplication.status.FileStatus;
import io.filereplication.status.StatusMessages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stat}. */
@Command(
        name = "stat",
        description = "Shows what is registered as a path, and which members say that they hold it.",
        mixinStandardHelpOptions = true)
final class StatCommand extends ControlCommand {
    @Parameters(paramLabel = "PATH", description = "A path in the cluster.")
    private String path = "";

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "2s",
            description = "How long to wait for the other members; default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ofSeconds(2);

    StatCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() throws CommandFailure {
        FilePath wanted = Paths.file(path);
        List<FileEntry> entries = new ArrayList<>();
        List<MemberProto> members = new ArrayList<>();
        try (ControlClient client = node.connect()) {
            client.run(
                    RequestProto.newBuilder().setQuery(Queries.path(wanted)).build(),
                    reply -> entries.addAll(Queries.decode(reply.getManifest()).entries()));
            if (entries.isEmpty()) {
                throw new CommandFailure(
                        ExitCode.NOT_FOUND, "No file is registered as " + wanted + " on this node: 'ls' shows what is");
            }
            client.run(
                    RequestProto.newBuilder()
                            .setHolders(MembersProto.newBuilder()
                                    .setPath(ByteString.copyFrom(wanted.toUtf8()))
                                    .setWaitMillis(timeout.toMillis()))
                            .build(),
                    reply -> members.add(reply.getMember()));
        }
        print(entries.get(0), members);
        return ExitCode.OK.number();
    }

    private void print(FileEntry entry, List<MemberProto> members) {
        if (output.json) {
            Map<String, Object> json = Entries.json(entry);
            json.put(
                    "members",
                    members.stream().map(member -> json(entry, member)).toList());
            streams.out().println(Json.text(json));
            return;
        }
        Table table = new Table()
                .row("path", entry.path().toString())
                .row("size", entry.sizeBytes() + " bytes")
                .row("sha256", entry.sha256().hex())
                .row("origin", entry.originNodeId().toString())
                .row("created", entry.createdAt().toString())
                .row("version", entry.contentLsn().toString());
        entry.attributes().asMap().forEach((key, value) -> table.row("attribute", key + " = " + value));
        members.forEach(member -> table.row("member " + member.getId(), holding(entry, member)));
        table.lines().forEach(streams.out()::println);
    }

    private static Map<String, Object> json(FileEntry entry, MemberProto member) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", member.getId());
        if (member.hasAnswer()) {
            FileStatus said = StatusMessages.decodeFile(member.getAnswer());
            json.put("answers", true);
            json.put("holds", said.holds(entry.contentLsn()));
            json.put("held_version", text(said.held()));
            json.put("registered_version", text(said.registered()));
            json.put("applied_index", said.appliedIndex());
        } else {
            json.put("answers", false);
            json.put("reason", member.getReason());
        }
        return json;
    }

    private static @Nullable String text(@Nullable Lsn lsn) {
        return lsn == null ? null : lsn.toString();
    }

    private static String holding(FileEntry entry, MemberProto member) {
        if (!member.hasAnswer()) {
            return "does not answer: " + member.getReason();
        }
        FileStatus said = StatusMessages.decodeFile(member.getAnswer());
        if (said.holds(entry.contentLsn())) {
            return "holds it";
        }
        if (said.appliedIndex() < entry.contentLsn().index()) {
            return "has not heard of it yet";
        }
        return said.held() == null ? "does not hold it" : "holds version " + said.held();
    }
}
