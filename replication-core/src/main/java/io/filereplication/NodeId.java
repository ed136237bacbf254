package io.filereplication;

import java.nio.charset.CharacterCodingException;

/**
 * The name of a cluster member: its Ratis peer id.
 *
 * @param value 1 to {@value #MAX_BYTES} UTF-8 bytes of well-formed Unicode without control characters
 */
public record NodeId(String value) implements Comparable<NodeId> {
    /** Longest id, UTF-8 bytes. */
    public static final int MAX_BYTES = 128;

    public NodeId {
        try {
            int bytes = Utf8.encode(value).length;
            if (bytes == 0 || bytes > MAX_BYTES) {
                throw new IllegalArgumentException("Node id '" + Utf8.printable(value) + "' has " + bytes
                        + " UTF-8 bytes, allowed are 1 to " + MAX_BYTES);
            }
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("Node id '" + Utf8.printable(value) + "' is not well-formed Unicode", e);
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("Node id '" + Utf8.printable(value) + "' has a control character");
        }
    }

    /** The id named {@code value}. */
    public static NodeId of(String value) {
        return new NodeId(value);
    }

    @Override
    public int compareTo(NodeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return Utf8.printable(value);
    }
}
