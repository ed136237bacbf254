package io.filereplication.client;

import io.filereplication.FilePath;
import java.io.IOException;

/** This node's manifest holds no file of that path. */
public final class FileNotRegisteredException extends IOException {
    private static final long serialVersionUID = 1L;

    FileNotRegisteredException(FilePath path) {
        super("No file is registered as " + path);
    }
}
