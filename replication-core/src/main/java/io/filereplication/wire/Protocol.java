package io.filereplication.wire;

import io.filereplication.PrefixDigests;

/**
 * The numbers of protocol version 1. They are part of what both sides agree on, so none of them is a setting.
 *
 * <p>All numbers on the wire are big-endian. Each message is drawn where it is written: {@code Hello}, {@code HelloAnswer},
 * {@code RequestCodec}, {@link AnswerSealer}, {@link Unproven}; what its key is derived from in {@code KeySchedule}.
 */
public final class Protocol {
    /** Lowest and highest version that this build speaks. */
    public static final int MIN_VERSION = 1;

    public static final int MAX_VERSION = 1;
    /** Bytes in a chunk: the most that one frame carries. */
    public static final int CHUNK_BYTES = PrefixDigests.CHUNK_BYTES;
    /** Most files in one request. */
    public static final int MAX_ITEMS = 256;
    /** Most file bytes that one request may ask for, over all its files. */
    public static final int MAX_ANSWER_BYTES = 8 * CHUNK_BYTES;
    /** An answer of up to this many file bytes is small: it takes a way, and has places, that larger ones cannot take. */
    public static final int SMALL_ANSWER_BYTES = CHUNK_BYTES;
    /** Longest request: {@link #MAX_ITEMS} files with the longest paths. */
    public static final int MAX_REQUEST_BYTES = 1 << 20;
    /** Bytes of a frame before its data. */
    public static final int FRAME_HEADER_BYTES = 116;
    /** Longest message of an answer other than a frame's data. */
    public static final int MAX_ANSWER_MESSAGE_BYTES = 120;

    /** "FREP". */
    static final int MAGIC = 0x46524550;
    /** The version byte of hellos, which never changes: versions are negotiated inside them. */
    static final int HELLO_FORMAT = 1;

    static final int NONCE_BYTES = 32;
    static final int TAG_BYTES = 32;
    static final int SESSION_ID_BYTES = 16;
    /** Magic, version, kind, item or count. */
    static final int PREAMBLE_BYTES = 8;
    /** A request before its items: preamble, session, counter. */
    static final int REQUEST_HEADER_BYTES = 32;
    /** Any message of an answer before what is peculiar to its kind: preamble, session, counter, sequence. */
    static final int ANSWER_HEADER_BYTES = 40;
    /** The item number of what concerns the request as a whole. */
    static final int WHOLE_REQUEST = 0xffff;

    static final int ACKNOWLEDGEMENT_BYTES = ANSWER_HEADER_BYTES + 8 + 8 + 32 + TAG_BYTES;
    static final int REFUSAL_BYTES = ANSWER_HEADER_BYTES + 2 + TAG_BYTES;
    static final int WAIT_BYTES = ANSWER_HEADER_BYTES + TAG_BYTES;
    static final int TRAILER_BYTES = ANSWER_HEADER_BYTES + 8 + TAG_BYTES;

    private Protocol() {}
}
