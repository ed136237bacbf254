package io.filereplication.manifest;

import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** Answers as a server gives them, for tests of whoever asks. */
public final class QueryAnswers {
    private QueryAnswers() {}

    /** What {@code manifest} holds, in answer to {@link Queries#summary()}. */
    public static ByteString summary(Manifest manifest) {
        return Queries.answer(manifest, Queries.summary());
    }
}
