package io.filereplication;

/** A path breaks a rule of {@link FilePath}. The message names the path and the rule. */
public final class InvalidFilePathException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidFilePathException(String path, String rule) {
        super("Path '" + Utf8.printable(path) + "' is not allowed: " + rule);
    }
}
