package io.filereplication.cli.node;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.client.FileNotLocalException;
import io.filereplication.client.FileNotRegisteredException;
import io.filereplication.client.ManifestClientException;
import io.filereplication.client.OutcomeUnknownException;
import io.filereplication.client.RegistrationRefusedException;
import io.filereplication.manifest.OperationStatus;
import io.filereplication.storage.StorageFullException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Failures of a node as one sentence with the way out, and a code. */
final class Failures {
    private static final int MAX_TRACE_CHARS = 8 << 10;

    private Failures() {}

    static CommandFailure of(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof CommandFailure known) {
            return known;
        }
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (cause instanceof FileNotRegisteredException) {
            return new CommandFailure(ExitCode.NOT_FOUND, message + ": 'ls' shows what is", cause);
        }
        if (cause instanceof FileNotLocalException) {
            return new CommandFailure(
                    ExitCode.NOT_HERE,
                    message + ": wait for it with --wait, or ask a node that has it ('stat' tells)",
                    cause);
        }
        if (cause instanceof RegistrationRefusedException refused) {
            return new CommandFailure(ExitCode.REFUSED, message + wayOut(refused.status()), cause);
        }
        if (cause instanceof OutcomeUnknownException) {
            return new CommandFailure(
                    ExitCode.UNKNOWN,
                    message
                            + ": see with 'status' whether there is a leader, then try again: what was done already is not done twice",
                    cause);
        }
        if (cause instanceof ManifestClientException) {
            return new CommandFailure(
                    ExitCode.FAILED, message + ": see with 'status' whether there is a leader, then try again", cause);
        }
        if (cause instanceof StorageFullException) {
            return new CommandFailure(ExitCode.FAILED, message + ": free some space on this node", cause);
        }
        if (cause instanceof TimeoutException) {
            return new CommandFailure(
                    ExitCode.TIMED_OUT, "It was not done in time: 'status' shows what is missing", cause);
        }
        return new CommandFailure(ExitCode.FAILED, message, cause);
    }

    private static String wayOut(OperationStatus status) {
        return status == OperationStatus.PATH_CONFLICT
                ? ": a registered file would have to be a directory, or the other way round; choose another path"
                : "";
    }

    /** Where it happened, for {@code --verbose}. */
    static String trace(@Nullable Throwable failure) {
        if (failure == null) {
            return "";
        }
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        String whole = text.toString();
        return whole.length() <= MAX_TRACE_CHARS ? whole : whole.substring(0, MAX_TRACE_CHARS);
    }
}
