package io.filereplication.status;

import java.util.Objects;

/** What came of asking one member. */
public sealed interface MemberAnswer<T> {
    /** It said this. */
    record Answered<T>(T said) implements MemberAnswer<T> {
        public Answered {
            Objects.requireNonNull(said, "said");
        }
    }

    /** It did not answer in time, or not in a way that this build understands. */
    record Silent<T>(String reason) implements MemberAnswer<T> {
        public Silent {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
