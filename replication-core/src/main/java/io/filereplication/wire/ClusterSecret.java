package io.filereplication.wire;

import java.security.MessageDigest;

/** One secret and its id. Immutable; compared in constant time; never shown. */
final class ClusterSecret {
    static final int MAX_KEY_ID_BYTES = 64;

    private final String keyId;
    private final byte[] bytes;

    ClusterSecret(String keyId, byte[] bytes) {
        boolean plain = keyId.chars()
                .allMatch(c -> (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || c == '.'
                        || c == '_'
                        || c == '-');
        if (keyId.isEmpty() || keyId.length() > MAX_KEY_ID_BYTES || !plain) {
            throw new IllegalArgumentException(
                    "A key id has 1 to " + MAX_KEY_ID_BYTES + " letters, digits, dots, underscores or hyphens; one of "
                            + keyId.length() + " characters has not");
        }
        if (bytes.length < ClusterSecrets.MIN_SECRET_BYTES) {
            throw new IllegalArgumentException("A secret has " + bytes.length + " bytes, at least "
                    + ClusterSecrets.MIN_SECRET_BYTES + " are needed");
        }
        this.keyId = keyId;
        this.bytes = bytes.clone();
    }

    String keyId() {
        return keyId;
    }

    byte[] bytes() {
        return bytes.clone();
    }

    boolean isSameAs(ClusterSecret other) {
        return keyId.equals(other.keyId) && MessageDigest.isEqual(bytes, other.bytes);
    }

    @Override
    public String toString() {
        return "secret '" + keyId + "'";
    }
}
