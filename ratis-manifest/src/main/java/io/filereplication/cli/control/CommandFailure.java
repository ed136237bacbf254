package io.filereplication.cli.control;

import org.jspecify.annotations.Nullable;

/** A command did not do what it should: one sentence for people, with the way out, and a code for scripts. */
public final class CommandFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final ExitCode code;
    private final String remoteTrace;

    public CommandFailure(ExitCode code, String sentence) {
        this(code, sentence, "");
    }

    public CommandFailure(ExitCode code, String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
        this.code = code;
        this.remoteTrace = "";
    }

    CommandFailure(ExitCode code, String sentence, String remoteTrace) {
        super(sentence);
        this.code = code;
        this.remoteTrace = remoteTrace;
    }

    public ExitCode code() {
        return code;
    }

    /** Where it failed in the node, or empty. */
    public String remoteTrace() {
        return remoteTrace;
    }
}
