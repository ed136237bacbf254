package io.filereplication.cli;

import io.filereplication.FilePath;
import io.filereplication.Sha256;
import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ControlClient;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.proto.ControlProtocol.ContentProto;
import io.filereplication.cli.control.proto.ControlProtocol.GetProto;
import io.filereplication.cli.control.proto.ControlProtocol.ReplyProto;
import io.filereplication.cli.control.proto.ControlProtocol.RequestProto;
import io.filereplication.http.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code get}. */
@Command(
        name = "get",
        description = {
            "Copies a registered file out of the cluster, from this node's verified copy.",
            "The target appears only when it is whole and its SHA-256 is right."
        },
        mixinStandardHelpOptions = true)
final class GetCommand extends ControlCommand {
    private static final String STANDARD_OUTPUT = "-";

    @Parameters(index = "0", paramLabel = "PATH", description = "Its path in the cluster.")
    private String path = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "TARGET",
            description = "Where to; '-' is the standard output, which may get bytes of a copy that fails later. "
                    + "Default: the last segment of PATH, in the working directory.")
    private @Nullable Path target;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "0",
            description = "How long to wait for a file that is not registered or not here yet; default: not at all.")
    private Duration wait = Duration.ZERO;

    @Option(
            names = {"-f", "--force"},
            description = "Replaces a target that exists.")
    private boolean force;

    GetCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() throws CommandFailure, IOException {
        FilePath wanted = Paths.file(path);
        try (ControlClient client = node.connect();
                Progress progress = output.progress(streams)) {
            if (target != null && target.toString().equals(STANDARD_OUTPUT)) {
                Reception reception = new Reception(streams.out(), progress);
                client.run(request(wanted), reception);
                reception.requireWhole(wanted);
                streams.out().flush();
                return ExitCode.OK.number();
            }
            Path to = target != null ? target : Path.of(path.substring(path.lastIndexOf('/') + 1));
            if (Files.isDirectory(to)) {
                to = to.resolve(path.substring(path.lastIndexOf('/') + 1));
            }
            Reception reception = copy(wanted, to, client, progress);
            progress.close();
            print(wanted, to, reception);
            return ExitCode.OK.number();
        }
    }

    private RequestProto request(FilePath wanted) {
        return RequestProto.newBuilder()
                .setGet(GetProto.newBuilder()
                        .setPath(ByteString.copyFrom(wanted.toUtf8()))
                        .setWaitMillis(wait.toMillis()))
                .build();
    }

    private Reception copy(FilePath wanted, Path to, ControlClient client, Progress progress)
            throws CommandFailure, IOException {
        if (Files.exists(to) && !force) {
            throw new CommandFailure(ExitCode.USAGE, to + " exists: choose another target, or replace it with --force");
        }
        Path directory = to.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new CommandFailure(ExitCode.USAGE, "There is no directory " + directory + ": make it first");
        }
        Path partial = directory.resolve(
                "." + to.getFileName() + "." + ProcessHandle.current().pid() + ".partial");
        try {
            Reception reception;
            // What an earlier process of this number left goes; what somebody put there to be followed or filled is
            // not.
            Files.deleteIfExists(partial);
            try (FileChannel channel =
                    FileChannel.open(partial, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                reception = new Reception(Channels.newOutputStream(channel), progress);
                client.run(request(wanted), reception);
                reception.requireWhole(wanted);
                channel.force(true);
            }
            if (force) {
                Files.move(partial, to, StandardCopyOption.ATOMIC_MOVE);
            } else {
                Files.move(partial, to);
            }
            return reception;
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private void print(FilePath wanted, Path to, Reception reception) {
        if (output.json) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("path", wanted.value());
            json.put("target", to.toString());
            json.put("size_bytes", reception.received);
            json.put("sha256", reception.sha256());
            streams.out().println(Json.text(json));
        } else {
            streams.out().println(wanted + " is in " + to + ": " + Amounts.size(reception.received));
        }
    }

    /** Takes the bytes, hashing them. */
    private static final class Reception implements ControlClient.Replies {
        private final OutputStream out;
        private final Progress progress;
        private final MessageDigest digest = Sha256.newDigest();
        private ContentProto content = ContentProto.getDefaultInstance();
        private long received;
        private @Nullable Sha256 found;

        Reception(OutputStream out, Progress progress) {
            this.out = out;
            this.progress = progress;
        }

        @Override
        public void accept(ReplyProto reply) throws CommandFailure {
            switch (reply.getReplyCase()) {
                case CONTENT -> content = reply.getContent();
                case DATA -> take(reply.getData());
                default -> progress.show(reply.getProgress());
            }
        }

        private void take(ByteString data) throws CommandFailure {
            try {
                data.writeTo(out);
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.FAILED, "The target cannot be written: " + e.getMessage(), e);
            }
            digest.update(data.asReadOnlyByteBuffer());
            received += data.size();
            progress.show("getting", received, content.getSizeBytes(), true);
        }

        void requireWhole(FilePath wanted) throws CommandFailure {
            Sha256 whole = Sha256.of(digest.digest());
            if (received != content.getSizeBytes()
                    || !content.getSha256().equals(ByteString.copyFrom(whole.toBytes()))) {
                throw new CommandFailure(
                        ExitCode.FAILED,
                        "The bytes of " + wanted
                                + " are not the registered ones: run 'verify' on this node, or ask another");
            }
            found = whole;
        }

        String sha256() {
            return found == null ? "" : found.hex();
        }
    }
}
