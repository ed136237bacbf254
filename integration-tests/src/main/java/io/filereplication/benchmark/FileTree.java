package io.filereplication.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;

/**
 * Many files in directories of 1,000, with random content that differs each time they are written.
 *
 * @param files how many
 * @param size of the file with a number, bytes
 */
record FileTree(int files, LongUnaryOperator size) {
    private static final int FILES_PER_DIRECTORY = 1_000;
    private static final int PIECE_BYTES = 4 << 20;
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;

    static FileTree of(int files, long bytes) {
        return new FileTree(files, number -> bytes);
    }

    /**
     * Sizes as a database of measurements leaves them: of a hundred files 60 of 4 to 64 KiB, 30 up to 1 MiB, 9 up to 16 MiB,
     * one up to 64 MiB; 2,000 of them are about 2.6 GiB. The same sizes in every run.
     */
    static FileTree mixed(int files) {
        return new FileTree(files, number -> {
            SplittableRandom random = new SplittableRandom(number);
            int kind = (int) (number % 100);
            if (kind < 60) {
                return random.nextLong(4 * KIB, 64 * KIB);
            }
            if (kind < 90) {
                return random.nextLong(64 * KIB, MIB);
            }
            return kind < 99 ? random.nextLong(MIB, 16 * MIB) : random.nextLong(16 * MIB, 64 * MIB);
        });
    }

    long bytes() {
        return LongStream.range(0, files).map(size).sum();
    }

    /** Writes the tree into {@code root}, which is made. */
    void write(Path root) throws IOException {
        SplittableRandom random = new SplittableRandom(System.nanoTime());
        byte[] piece = new byte[PIECE_BYTES];
        for (int number = 0; number < files; number++) {
            Path directory = root.resolve(String.format(Locale.ROOT, "d-%04d", number / FILES_PER_DIRECTORY));
            if (number % FILES_PER_DIRECTORY == 0) {
                Files.createDirectories(directory);
            }
            Path file = directory.resolve(String.format(Locale.ROOT, "file-%07d.parquet", number));
            write(file, size.applyAsLong(number), random, piece);
        }
    }

    /** Writes one file of random bytes. */
    static void write(Path file, long bytes) throws IOException {
        write(file, bytes, new SplittableRandom(System.nanoTime()), new byte[PIECE_BYTES]);
    }

    private static void write(Path file, long bytes, SplittableRandom random, byte[] piece) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long left = bytes; left > 0; ) {
                ByteBuffer part = ByteBuffer.wrap(piece, 0, (int) Math.min(left, piece.length));
                if (part.remaining() == piece.length) {
                    random.nextBytes(piece);
                } else {
                    byte[] few = new byte[part.remaining()];
                    random.nextBytes(few);
                    part = ByteBuffer.wrap(few);
                }
                left -= part.remaining();
                while (part.hasRemaining()) {
                    int unused = out.write(part);
                }
            }
        }
    }
}
