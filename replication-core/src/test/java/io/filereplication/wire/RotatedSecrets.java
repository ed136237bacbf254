package io.filereplication.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** A secrets file that an operator rotates, looked at by a clock of the test's. */
public final class RotatedSecrets {
    private final Path file;
    private final LongSupplier nanoTime;
    private int written;

    /** Nothing is in {@code file} before {@link #write}. */
    public RotatedSecrets(Path file, LongSupplier nanoTime) {
        this.file = file;
        this.nanoTime = nanoTime;
    }

    /** Puts a whole new file with these secrets, the first being primary, in the place of the one before. */
    public void write(List<String> keyIds) {
        String lines = keyIds.stream()
                .map(id -> id + ":" + HexFormat.of().formatHex(secretOf(id)) + "\n")
                .collect(Collectors.joining());
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try {
            // Another size each time, so that the change shows however coarse the file system's clock is.
            Files.writeString(next, lines + "#".repeat(++written) + "\n");
            Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("r--------"));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] secretOf(String keyId) {
        byte[] secret = new byte[ClusterSecrets.MIN_SECRET_BYTES];
        byte[] id = keyId.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(id, 0, secret, 0, id.length);
        return secret;
    }

    /** As a process has them that starts now. */
    public ClusterSecrets open() {
        try {
            return ClusterSecrets.fromFile(file, nanoTime);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
