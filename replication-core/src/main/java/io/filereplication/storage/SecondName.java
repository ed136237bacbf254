package io.filereplication.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Gives a file a second name, so that the bytes outlive the first one: a hard link, or a copy where the file system gives a file only
 * one name, or does not let this user give it another (a file of somebody else's, under Linux's {@code protected_hardlinks}).
 *
 * <p>Whoever sees the second name sees all the bytes: a copy is made under a name of its own and renamed when it is durable.
 */
final class SecondName {
    /** Ends the name of a copy that is not whole. */
    private static final String UNFINISHED = ".part";

    private final HardLink links;

    SecondName(HardLink links) {
        this.links = links;
    }

    /** How a hard link is made. */
    @FunctionalInterface
    interface HardLink {
        /** Makes {@code name} another name of the file {@code existing}, or throws and changes nothing. */
        void make(Path name, Path existing) throws IOException;
    }

    /** Gives {@code file}, which must not be a link, the name {@code second}, which must be free. The name is not durable yet. */
    void give(Path file, Path second) throws IOException {
        IOException refusal;
        try {
            links.make(second, file);
            return;
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            refusal = e;
        } catch (UnsupportedOperationException e) {
            refusal = new IOException(e);
        }
        try {
            copy(file, second);
        } catch (IOException e) {
            e.addSuppressed(refusal);
            throw e;
        }
    }

    private static void copy(Path file, Path second) throws IOException {
        Path unfinished = second.resolveSibling(second.getFileName() + UNFINISHED);
        try {
            Files.copy(file, unfinished, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel copy = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                copy.force(true);
            }
            Files.move(unfinished, second, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
