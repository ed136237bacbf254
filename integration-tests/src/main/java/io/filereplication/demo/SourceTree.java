package io.filereplication.demo;

import io.filereplication.FilePath;
import io.filereplication.InvalidFilePathException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The user's own directory: its regular files in path order. Symbolic links are not followed. The same listing is made in
 * the demo and in the node that puts a part of it, so the directory must not change meanwhile.
 *
 * @param root the directory
 * @param paths the files below it, sorted
 * @param bytes their sizes
 */
record SourceTree(Path root, List<FilePath> paths, long bytes) {
    SourceTree {
        paths = List.copyOf(paths);
    }

    /** Looks at {@code directory}; a path that cannot be registered, or a directory without files, is refused by name. */
    static SourceTree list(Path directory) throws DemoFailure {
        if (!Files.isDirectory(directory)) {
            throw new DemoFailure("'" + directory + "' is not a directory");
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            List<Path> files = walk.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .toList();
            if (files.isEmpty()) {
                throw new DemoFailure("'" + directory + "' holds no files");
            }
            List<FilePath> paths = files.stream()
                    .map(file -> FilePath.of(directory.relativize(file).toString()))
                    .sorted()
                    .toList();
            long bytes = 0;
            for (Path file : files) {
                bytes += Files.size(file);
            }
            return new SourceTree(directory, paths, bytes);
        } catch (InvalidFilePathException e) {
            throw new DemoFailure("A file below '" + directory + "' cannot be replicated: " + e.getMessage(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new DemoFailure("'" + directory + "' cannot be read: " + e.getMessage(), e);
        }
    }

    /** Where the file of {@code path} lies. */
    Path file(FilePath path) {
        return root.resolve(path.value());
    }
}
