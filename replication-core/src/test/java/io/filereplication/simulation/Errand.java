package io.filereplication.simulation;

import io.filereplication.FilePath;
import java.util.List;

/**
 * What a task is doing for which paths, so that a fault that hits it can be told apart by the state of those pulls.
 *
 * @param paths the files concerned
 * @param since the kernel's step at which the path was held, or the call began
 */
record Errand(List<FilePath> paths, long since) {
    Errand {
        paths = List.copyOf(paths);
    }
}
