package io.filereplication.cli;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlClient;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.MessageChannel;
import io.filereplication.cli.control.proto.ControlProtocol.PutProto;
import io.filereplication.cli.control.proto.ControlProtocol.ReplyProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.http.Json;
import io.filereplication.manifest.Queries;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code put}. */
@Command(
        name = "put",
        description = {
            "Copies a file into the cluster and registers it, replacing what is registered there.",
            "When it ends, the file is registered by a majority and this node holds a copy of it; --copies waits for more."
        },
        mixinStandardHelpOptions = true)
final class PutCommand extends ControlCommand {
    private static final String STANDARD_INPUT = "-";

    @Parameters(index = "0", paramLabel = "SOURCE", description = "The file to copy; '-' is the standard input.")
    private Path source = Path.of(STANDARD_INPUT);

    @Parameters(
            index = "1",
            paramLabel = "PATH",
            description = "Its path in the cluster, such as metrics/2026-11-22.parquet.")
    private String path = "";

    @Option(
            names = {"-a", "--attribute"},
            paramLabel = "KEY=VALUE",
            description = "What the application says of the file; can be given again.")
    private Map<String, String> attributes = new LinkedHashMap<>();

    @Option(
            names = "--copies",
            paramLabel = "N",
            defaultValue = "1",
            description = "Waits until so many members hold it; default: ${DEFAULT-VALUE}.")
    private int copies = 1;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "How long to wait for the copies; default: ${DEFAULT-VALUE}.")
    private Duration wait = Duration.ofSeconds(60);

    PutCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() throws CommandFailure, IOException {
        FilePath target = Paths.file(path);
        if (copies < 1) {
            throw new CommandFailure(ExitCode.USAGE, "--copies is " + copies + ": this node's own is one");
        }
        boolean fromInput = source.toString().equals(STANDARD_INPUT);
        try (InputStream bytes = fromInput ? streams.in() : open(source);
                ControlClient client = node.connect();
                Progress progress = output.progress(streams)) {
            client.begin(RequestProto.newBuilder()
                    .setPut(PutProto.newBuilder()
                            .setPath(ByteString.copyFrom(target.toUtf8()))
                            .putAllAttributes(attributes)
                            .setCopies(copies)
                            .setWaitMillis(wait.toMillis()))
                    .build());
            upload(bytes, fromInput ? 0 : Files.size(source), client, progress);
            List<FileEntry> registered = new ArrayList<>();
            client.finish(reply -> {
                if (reply.getReplyCase() == ReplyProto.ReplyCase.MANIFEST) {
                    registered.addAll(Queries.decode(reply.getManifest()).entries());
                } else {
                    progress.show(reply.getProgress());
                }
            });
            progress.close();
            registered.forEach(this::print);
            return ExitCode.OK.number();
        }
    }

    private static InputStream open(Path source) throws CommandFailure, IOException {
        try {
            if (Files.isDirectory(source)) {
                throw new CommandFailure(ExitCode.USAGE, source + " is a directory: put its files one by one");
            }
            return Files.newInputStream(source);
        } catch (NoSuchFileException | FileNotFoundException e) {
            throw new CommandFailure(ExitCode.USAGE, "There is no file " + source + ": name another", e);
        }
    }

    private static void upload(InputStream bytes, long total, ControlClient client, Progress progress)
            throws CommandFailure, IOException {
        long sent = 0;
        byte[] buffer = new byte[MessageChannel.DATA_BYTES];
        for (int read = bytes.readNBytes(buffer, 0, buffer.length);
                read > 0;
                read = bytes.readNBytes(buffer, 0, buffer.length)) {
            client.upload(ByteString.copyFrom(buffer, 0, read), false);
            sent += read;
            progress.show("putting", sent, total, true);
        }
        client.upload(ByteString.EMPTY, true);
    }

    private void print(FileEntry entry) {
        streams.out()
                .println(
                        output.json
                                ? Json.text(Entries.json(entry))
                                : entry.path() + " is registered: " + Amounts.size(entry.sizeBytes()) + ", sha256 "
                                        + entry.sha256().hex());
    }
}
