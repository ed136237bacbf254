package io.filereplication.wire;

import io.filereplication.NodeId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that the nodes of a cluster share, each with an id: one primary, with which this node proves itself, and
 * others that it also accepts. To rotate without downtime: add the new secret behind the old one on every node, then make it
 * the first on every node, then take the old one away. A secret that was taken away ends the sessions that it began.
 *
 * <p>A secret has at least {@value #MIN_SECRET_BYTES} bytes. None ever appears in {@link #toString()}, a log line or an
 * error.
 *
 * <p>The text form, of a file or an environment variable, is either lines {@code keyId:secret}, the first being primary,
 * where the secret is hexadecimal (an even number of digits, at least 64) or else Base64, and where empty lines and lines
 * that begin with {@code #} mean nothing; or one line without a colon, whose characters are the secret with the id
 * {@code default}.
 *
 * <p>Thread-safe. Secrets from a file are read again when it changes: at most once a second, whoever needs a secret, or calls
 * {@link #look()}, looks at the file's attributes. A changed file that cannot be used is logged once, and the secrets before it stay.
 */
public final class ClusterSecrets {
    /** Shortest secret, bytes. */
    public static final int MIN_SECRET_BYTES = 32;
    /** The environment variable that {@link #fromEnvironment()} reads. */
    public static final String ENVIRONMENT_VARIABLE = "FILEREPLICATION_SECRETS";
    /** Most secrets at once. */
    public static final int MAX_SECRETS = 16;

    /** Where the secrets are, unless they were given. */
    private final @Nullable SecretsFile file;

    private final List<ClusterSecret> given;

    private ClusterSecrets(List<ClusterSecret> given, @Nullable SecretsFile file) {
        this.given = given;
        this.file = file;
    }

    /** One secret, the primary. Throws {@link IllegalArgumentException} when it is too short or the id is not allowed. */
    public static ClusterSecrets of(String keyId, byte[] secret) {
        return new ClusterSecrets(List.of(new ClusterSecret(keyId, secret)), null);
    }

    /** These secrets and {@code secret}, which is accepted but not primary. They no longer follow a file. */
    public ClusterSecrets accepting(String keyId, byte[] secret) {
        List<ClusterSecret> all = new ArrayList<>(secrets());
        if (find(keyId, all) != null) {
            throw new IllegalArgumentException("There are two secrets with the id '" + keyId + "'");
        }
        all.add(new ClusterSecret(keyId, secret));
        return new ClusterSecrets(List.copyOf(all), null);
    }

    /**
     * The secrets in {@code file}, which is read again when it changes.
     *
     * @throws IOException when it cannot be read, is not well-formed, or gives others (who are neither its owner nor in its
     *     group) any access; of a link, the target is looked at
     */
    public static ClusterSecrets fromFile(Path file) throws IOException {
        return fromFile(file, System::nanoTime);
    }

    static ClusterSecrets fromFile(Path file, LongSupplier nanoTime) throws IOException {
        return new ClusterSecrets(List.of(), SecretsFile.open(file, nanoTime));
    }

    /** The secrets in the environment variable {@value #ENVIRONMENT_VARIABLE}; throws {@link IOException} without any. */
    public static ClusterSecrets fromEnvironment() throws IOException {
        String text = System.getenv(ENVIRONMENT_VARIABLE);
        if (text == null) {
            throw new IOException("The environment variable " + ENVIRONMENT_VARIABLE + " is not set");
        }
        return ofText(text, "the environment variable " + ENVIRONMENT_VARIABLE);
    }

    static ClusterSecrets ofText(String text, String where) throws IOException {
        return new ClusterSecrets(SecretsFile.parse(text, where), null);
    }

    /**
     * The same secrets for {@code node}: with a watch of its own over the file, if there is one, and the node's name before what is
     * logged about it.
     */
    public ClusterSecrets forNode(NodeId node) {
        return file == null ? this : new ClusterSecrets(List.of(), file.forNode(node));
    }

    /** Reads the file again if it has changed, so that a change is noticed, and logged, when nobody needs a secret. Looks at the disk. */
    public void look() {
        refresh();
    }

    /** The secret with which this node says hello. */
    ClusterSecret primary() {
        refresh();
        return secrets().get(0);
    }

    /** The secret with this id, or null when it is not accepted (any more). */
    @Nullable
    ClusterSecret find(String keyId) {
        refresh();
        return find(keyId, secrets());
    }

    private static @Nullable ClusterSecret find(String keyId, List<ClusterSecret> secrets) {
        for (ClusterSecret secret : secrets) {
            if (secret.keyId().equals(keyId)) {
                return secret;
            }
        }
        return null;
    }

    /** Whether a session that began with {@code secret} may go on. */
    boolean accepts(ClusterSecret secret) {
        ClusterSecret now = find(secret.keyId());
        return now != null && now.isSameAs(secret);
    }

    private void refresh() {
        if (file != null) {
            file.readIfChanged();
        }
    }

    private List<ClusterSecret> secrets() {
        return file == null ? given : file.secrets();
    }

    /** The ids of what was read last, the primary first; they are no secret. */
    public List<String> ids() {
        return secrets().stream().map(ClusterSecret::keyId).toList();
    }

    @Override
    public String toString() {
        return "cluster secrets " + ids();
    }
}
