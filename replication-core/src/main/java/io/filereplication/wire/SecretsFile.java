package io.filereplication.wire;

import io.filereplication.NodeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file of secrets, looked at again at most once a second. Thread-safe: one thread looks, the others go on meanwhile. */
final class SecretsFile {
    private static final Logger LOG = LoggerFactory.getLogger(SecretsFile.class);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MAX_BYTES = 64 * 1024;
    private static final String RAW_KEY_ID = "default";
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_EXECUTE);

    private final Path path;
    /** What lines of the log begin with: the node, once it is known. */
    private final String logPrefix;

    private final LongSupplier nanoTime;
    private final AtomicLong lookAgainAt;
    /** One reference, so that nobody sees the secrets of one moment with the look of another. */
    private volatile Used used;
    /** What was said last of a change that could not be read, until one can be. */
    private volatile @Nullable Complaint complaint;

    private SecretsFile(Path path, String logPrefix, LongSupplier nanoTime, Used used) {
        this.path = path;
        this.logPrefix = logPrefix;
        this.nanoTime = nanoTime;
        this.used = used;
        this.lookAgainAt = new AtomicLong(nanoTime.getAsLong() + LOOK_AGAIN_NANOS);
    }

    /** Reads the file for the first time. */
    static SecretsFile open(Path path, LongSupplier nanoTime) throws IOException {
        Look look = look(path);
        return new SecretsFile(path, "", nanoTime, new Used(look, read(path, look)));
    }

    /** The same file, read as often, for {@code node}. */
    SecretsFile forNode(NodeId node) {
        return new SecretsFile(path, node + ": ", nanoTime, used);
    }

    /** What was read last and can be used. */
    List<ClusterSecret> secrets() {
        return used.secrets();
    }

    /**
     * Reads the secrets when the file has changed since it was last read and can be used. What could not be read is read again each
     * time, since the reason may have gone without a trace in how the file looks. Never throws.
     */
    void readIfChanged() {
        long nanos = nanoTime.getAsLong();
        long due = lookAgainAt.get();
        if (nanos - due < 0 || !lookAgainAt.compareAndSet(due, nanos + LOOK_AGAIN_NANOS)) {
            return;
        }
        Look look = null;
        try {
            look = look(path);
            if (look.equals(used.look())) {
                complaint = null;
                return;
            }
            List<ClusterSecret> secrets = read(path, look);
            used = new Used(look, secrets);
            complaint = null;
            LOG.info("{}the secrets in {} were read again: {}", logPrefix, path, secrets);
        } catch (IOException e) {
            Complaint now = new Complaint(look, String.valueOf(e.getMessage()));
            if (!now.equals(complaint)) {
                LOG.warn("{}the secrets read before stay in use: {}", logPrefix, e.getMessage());
            }
            complaint = now;
        }
    }

    /** What is compared to notice a change. Attributes of a link's target, since a link itself protects nothing. */
    private static Look look(Path path) throws IOException {
        try {
            PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
            return new Look(
                    attributes.lastModifiedTime(),
                    attributes.size(),
                    String.valueOf(attributes.fileKey()),
                    PosixFilePermissions.toString(attributes.permissions()));
        } catch (UnsupportedOperationException e) {
            throw new IOException("Secrets file " + path + ": this file system cannot say who may read it", e);
        }
    }

    private static List<ClusterSecret> read(Path path, Look look) throws IOException {
        Set<PosixFilePermission> others = EnumSet.copyOf(OTHERS);
        others.retainAll(PosixFilePermissions.fromString(look.permissions()));
        if (!others.isEmpty()) {
            throw new IOException("Secrets file " + path + " has the permissions " + look.permissions()
                    + ": nobody but its owner and group may have access (chmod o-rwx)");
        }
        if (look.sizeBytes() > MAX_BYTES) {
            throw new IOException(
                    "Secrets file " + path + " has " + look.sizeBytes() + " bytes, the limit is " + MAX_BYTES);
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(path)))
                    .toString();
            return parse(text, "secrets file " + path);
        } catch (CharacterCodingException e) {
            throw new IOException("Secrets file " + path + " is not UTF-8 text", e);
        }
    }

    /** Reads the text form; an error names the place and the line, never what is written there. */
    static List<ClusterSecret> parse(String text, String where) throws IOException {
        List<ClusterSecret> secrets = new ArrayList<>();
        Set<String> ids = new TreeSet<>();
        List<String> lines = text.lines().map(String::strip).toList();
        long meaningful = lines.stream().filter(SecretsFile::means).count();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!means(line)) {
                continue;
            }
            try {
                ClusterSecret secret = line.indexOf(':') < 0 && meaningful == 1
                        ? new ClusterSecret(RAW_KEY_ID, line.getBytes(StandardCharsets.UTF_8))
                        : parseLine(line);
                if (!ids.add(secret.keyId())) {
                    throw new IllegalArgumentException("its id is there twice");
                }
                secrets.add(secret);
            } catch (IllegalArgumentException e) {
                // Without the cause: a decoder's own message would quote the secret.
                throw new IOException("Line " + (i + 1) + " of " + where + ": " + e.getMessage());
            }
        }
        if (secrets.isEmpty() || secrets.size() > ClusterSecrets.MAX_SECRETS) {
            throw new IOException("There are " + secrets.size() + " secrets in " + where + ", allowed are 1 to "
                    + ClusterSecrets.MAX_SECRETS);
        }
        return List.copyOf(secrets);
    }

    private static ClusterSecret parseLine(String line) {
        int colon = line.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("it is not keyId:secret");
        }
        String value = line.substring(colon + 1).strip();
        boolean hex = value.length() >= 2 * ClusterSecrets.MIN_SECRET_BYTES
                && value.length() % 2 == 0
                && value.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x80);
        byte[] bytes;
        try {
            bytes = hex ? HexFormat.of().parseHex(value) : Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException quotesTheSecret) {
            throw new IllegalArgumentException("the secret is neither hexadecimal nor Base64");
        }
        return new ClusterSecret(line.substring(0, colon).strip(), bytes);
    }

    private static boolean means(String line) {
        return !line.isEmpty() && !line.startsWith("#");
    }

    private record Look(FileTime modified, long sizeBytes, String fileKey, String permissions) {}

    /** Secrets, and how the file looked when they were read. */
    private record Used(Look look, List<ClusterSecret> secrets) {}

    private record Complaint(@Nullable Look look, String reason) {}
}
