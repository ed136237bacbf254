package io.filereplication.wire;

import io.filereplication.Sha256;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An authentic message of an answer, in its place. Items are counted from 0 in the order of the request. */
public sealed interface AnswerMessage {
    /**
     * The file is there and its bytes follow.
     *
     * @param prefix the digest of the file's bytes before the offset that was asked for
     */
    record Acknowledged(int item, Sha256 prefix) implements AnswerMessage {}

    /**
     * The file is not sent, or not sent on.
     *
     * @param code why, or null when this build does not know the reason
     */
    record Refused(int item, @Nullable RefusalCode code) implements AnswerMessage {}

    /** Nothing of the request is answered. The answer ends here. */
    record AllRefused(@Nullable RefusalCode code) implements AnswerMessage {}

    /**
     * The next bytes of a file. They are authentic only once a digest up to their end was found to be {@code prefixAtEnd}.
     *
     * @param data in memory of the packet that it came in
     */
    record Frame(int item, long offset, int length, Sha256 prefixAtEnd, List<ByteBuffer> data)
            implements AnswerMessage {}

    /** The peer is alive and still busy with what comes next. */
    record Wait() implements AnswerMessage {}

    /** Everything was answered. */
    record Trailer() implements AnswerMessage {}
}
