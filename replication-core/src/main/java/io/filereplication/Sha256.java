package io.filereplication;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A SHA-256 digest as a value: 32 bytes, shown as 64 lower-case hexadecimal digits. */
public final class Sha256 {
    /** Length in bytes. */
    public static final int BYTES = 32;
    /** The digest of no bytes. */
    public static final Sha256 OF_EMPTY =
            Sha256.parse("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    /** Copied and never used: to look the algorithm up takes longer than to hash a small file's name. */
    private static final MessageDigest FRESH = platformDigest();

    private final long word0;
    private final long word1;
    private final long word2;
    private final long word3;

    private Sha256(ByteBuffer bytes) {
        this(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    /** The digest with these big-endian words, for whoever keeps millions of them without an object each. */
    Sha256(long word0, long word1, long word2, long word3) {
        this.word0 = word0;
        this.word1 = word1;
        this.word2 = word2;
        this.word3 = word3;
    }

    long word(int number) {
        return switch (number) {
            case 0 -> word0;
            case 1 -> word1;
            case 2 -> word2;
            default -> word3;
        };
    }

    /** The digest with these 32 bytes. */
    public static Sha256 of(byte[] digest) {
        if (digest.length != BYTES) {
            throw new IllegalArgumentException("A SHA-256 digest has " + BYTES + " bytes, not " + digest.length);
        }
        return new Sha256(ByteBuffer.wrap(digest));
    }

    /** Takes the next 32 bytes of {@code source}; throws {@link java.nio.BufferUnderflowException} when there are fewer. */
    public static Sha256 read(ByteBuffer source) {
        ByteBuffer bytes = source.slice(source.position(), source.remaining());
        Sha256 digest = new Sha256(bytes);
        source.position(source.position() + BYTES);
        return digest;
    }

    /** The digest written as 64 lower-case hexadecimal digits, the only form that is accepted. */
    public static Sha256 parse(String hex) {
        boolean wellFormed = hex.length() == 2 * BYTES
                && hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        if (!wellFormed) {
            throw new IllegalArgumentException(
                    "SHA-256 '" + Utf8.printable(hex) + "' is not 64 lower-case hexadecimal digits");
        }
        return of(HexFormat.of().parseHex(hex));
    }

    /** A new JDK SHA-256, which uses the processor's instructions (Bouncy Castle's is several times slower). */
    public static MessageDigest newDigest() {
        try {
            return (MessageDigest) FRESH.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("The JDK's SHA-256 can be cloned", e);
        }
    }

    private static MessageDigest platformDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** Appends the 32 bytes to {@code target}. */
    public void write(ByteBuffer target) {
        target.putLong(word0).putLong(word1).putLong(word2).putLong(word3);
    }

    /** A new array with the 32 bytes. */
    public byte[] toBytes() {
        byte[] bytes = new byte[BYTES];
        write(ByteBuffer.wrap(bytes));
        return bytes;
    }

    /** The 64 lower-case hexadecimal digits. */
    public String hex() {
        return HexFormat.of().formatHex(toBytes());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Sha256 that
                && word0 == that.word0
                && word1 == that.word1
                && word2 == that.word2
                && word3 == that.word3;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(word0);
    }

    @Override
    public String toString() {
        return hex();
    }
}
