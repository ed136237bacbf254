package io.filereplication.cli;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.wire.ClusterSecrets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code secret}. */
@Command(
        name = "secret",
        description = "Makes the secret that the members share.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class SecretCommand {

    /** {@code secret generate}. */
    @Command(
            name = "generate",
            description = {
                "Makes a new secret, as a line ID:SECRET.",
                "Give the same file to every member. To rotate, see the operations guide: add the new line behind the old one "
                        + "everywhere, then make it the first everywhere, then take the old one away."
            },
            mixinStandardHelpOptions = true)
    static final class Generate implements Callable<Integer> {
        private final Streams streams;

        @Parameters(
                arity = "0..1",
                paramLabel = "FILE",
                description = "A new file, readable for its owner alone; default: the standard output.")
        private @Nullable Path file;

        @Option(
                names = "--id",
                paramLabel = "ID",
                defaultValue = "k1",
                description = "Tells secrets apart while one replaces another; default: ${DEFAULT-VALUE}.")
        private String id = "";

        Generate(Streams streams) {
            this.streams = streams;
        }

        @Override
        public Integer call() throws CommandFailure {
            byte[] secret = new byte[ClusterSecrets.MIN_SECRET_BYTES];
            new SecureRandom().nextBytes(secret);
            try {
                // Refuses an id that a node would refuse.
                ClusterSecrets accepted = ClusterSecrets.of(id, secret);
                String line = id + ":" + Base64.getEncoder().encodeToString(secret) + "\n";
                if (file == null) {
                    streams.out().print(line);
                    streams.out().flush();
                } else {
                    write(file, line);
                    streams.out().println(accepted + " in " + file);
                }
                return ExitCode.OK.number();
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(ExitCode.USAGE, e.getMessage() + ": choose another --id", e);
            }
        }

        private static void write(Path file, String line) throws CommandFailure {
            try (SeekableByteChannel out = Files.newByteChannel(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r--------")))) {
                ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            } catch (FileAlreadyExistsException e) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        file + " exists, and a secret that is lost locks nodes out: name a new file",
                        e);
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCode.FAILED, "The secret cannot be written to " + file + ": " + e.getMessage(), e);
            }
        }
    }
}
