package io.filereplication.cli;

import io.filereplication.FilePath;
import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** Paths as arguments and as bytes of messages. */
final class Paths {
    private Paths() {}

    static FilePath file(String path) throws CommandFailure {
        try {
            return FilePath.of(path);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, e.getMessage() + ". Choose another path", e);
        }
    }

    static ByteString bytes(String path) throws CommandFailure {
        return ByteString.copyFrom(file(path).toUtf8());
    }

    /** Safe to print: what is not a path of ours is shown with its control characters escaped. */
    static String printable(ByteString utf8) {
        try {
            return FilePath.ofUtf8(utf8.toByteArray()).toString();
        } catch (IllegalArgumentException e) {
            return printable(utf8.toStringUtf8());
        }
    }

    /** {@code text}, which may come from anybody, without what a terminal would obey. */
    static String printable(String text) {
        return text.codePoints()
                .collect(
                        StringBuilder::new,
                        (safe, c) -> {
                            if (Character.isISOControl(c)) {
                                safe.append('?');
                            } else {
                                safe.appendCodePoint(c);
                            }
                        },
                        StringBuilder::append)
                .toString();
    }
}
