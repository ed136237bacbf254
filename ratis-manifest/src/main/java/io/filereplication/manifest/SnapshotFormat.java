package io.filereplication.manifest;

import java.nio.charset.StandardCharsets;

/**
 * The bytes of a snapshot, all numbers big-endian:
 *
 * <pre>
 *   magic       8 bytes   "FRMANIF\n"
 *   format      4 bytes   version of this layout, 1
 *   blocks, in this order: one header, entries in path order, answers oldest first
 *     kind      1 byte    'H' a SnapshotHeaderProto, 'E' EntryProtos, 'A' AnswerProtos
 *     length    4 bytes   of the payload, 1 to {@value #MAX_BLOCK_BYTES}
 *     payload             messages, each after its length as a varint
 *   trailer
 *     kind      1 byte    'Z'
 *     entries   8 bytes   how many
 *     sum       8 bytes   of the entries' sizes
 *     digest   32 bytes   SHA-256 of everything before it
 * </pre>
 *
 * <p>Nothing follows the trailer. A snapshot counts as loaded only when all of it was read and the digest is right.
 */
final class SnapshotFormat {
    static final byte[] MAGIC = "FRMANIF\n".getBytes(StandardCharsets.US_ASCII);
    static final int VERSION = 1;
    static final byte HEADER = 'H';
    static final byte ENTRIES = 'E';
    static final byte ANSWERS = 'A';
    static final byte TRAILER = 'Z';
    /** A writer closes a block when it has this much; one message may make it longer. */
    static final int BLOCK_BYTES = 64 * 1024;
    /** Longest block that is read. One message is at most a batch of answers. */
    static final int MAX_BLOCK_BYTES = 4 * 1024 * 1024;

    private SnapshotFormat() {}
}
