package io.filereplication.demo;

import org.jspecify.annotations.Nullable;

/** Why the demo cannot go on, as one sentence for the person who started it. */
final class DemoFailure extends Exception {
    DemoFailure(String message) {
        super(message);
    }

    DemoFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
