package io.filereplication.cli;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlClient;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.http.Json;
import io.filereplication.manifest.Queries;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ls}. */
@Command(
        name = "ls",
        description = {
            "Lists registered files in path order, as this node's manifest has them: size, time of registration, path.",
            "A page ends with --limit entries; the next one begins behind --after the last path."
        },
        mixinStandardHelpOptions = true)
final class LsCommand extends ControlCommand {
    private static final int PAGE = 1_000;

    @Parameters(
            arity = "0..1",
            paramLabel = "PREFIX",
            defaultValue = "",
            description = "Only paths that begin with it; default: all.")
    private String prefix = "";

    @Option(names = "--after", paramLabel = "PATH", description = "Only paths behind this one.")
    private @Nullable String after;

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            description = "At most so many; default: all.")
    private @Nullable Long limit;

    LsCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() throws CommandFailure {
        if (limit != null && limit < 1) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--limit is " + limit + ": leave it out for all, or ask for 1 at least");
        }
        long left = limit == null ? Long.MAX_VALUE : limit;
        FilePath last = after == null ? null : Paths.file(after);
        try (ControlClient client = node.connect()) {
            while (left > 0) {
                List<FileEntry> page = page(client, last, (int) Math.min(PAGE, left));
                if (page.isEmpty()) {
                    break;
                }
                print(page);
                left -= page.size();
                last = page.get(page.size() - 1).path();
            }
        }
        return ExitCode.OK.number();
    }

    private List<FileEntry> page(ControlClient client, @Nullable FilePath behind, int entries) throws CommandFailure {
        List<FileEntry> page = new ArrayList<>();
        client.run(
                RequestProto.newBuilder()
                        .setQuery(Queries.page(prefix, behind, entries))
                        .build(),
                reply -> page.addAll(Queries.decode(reply.getManifest()).entries()));
        return page;
    }

    private void print(List<FileEntry> page) {
        for (FileEntry entry : page) {
            streams.out()
                    .println(
                            output.json
                                    ? Json.text(Entries.json(entry))
                                    : String.format(
                                            "%10s  %s  %s",
                                            Amounts.size(entry.sizeBytes()), entry.createdAt(), entry.path()));
        }
    }
}
