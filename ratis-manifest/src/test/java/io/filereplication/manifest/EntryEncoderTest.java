package io.filereplication.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is in a snapshot is what the messages of the log would be. */
final class EntryEncoderTest {
    private static final long[] NUMBERS = {0, 1, 127, 128, 300, 1L << 31, 1L << 40, Long.MAX_VALUE / 4};

    /** An entry keeps 47 bits of it, and a few more are added below. */
    private static final long LARGEST_INDEX = 1L << 46;

    @Test
    void writesWhatTheMessageWrites() throws Exception {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        EntryEncoder encoder = new EntryEncoder(encoded);
        Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            FileEntry entry = entry(random);
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            ManifestCodec.entry(entry).writeDelimitedTo(message);
            encoded.reset();
            encoder.writeDelimited(entry);

            assertThat(encoded.toByteArray()).as("%s", entry).isEqualTo(message.toByteArray());
        }
    }

    private static FileEntry entry(Random random) {
        byte[] digest = new byte[Sha256.BYTES];
        random.nextBytes(digest);
        long size = number(random);
        Lsn content = new Lsn(Math.min(number(random), LARGEST_INDEX), random.nextInt(3) * 100);
        Map<String, String> attributes = new TreeMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            attributes.put("key-" + i, "w\u00e9rt".repeat(random.nextInt(4)));
        }
        return new FileEntry(
                FilePath.of("d\u00e9/" + "p".repeat(1 + random.nextInt(200)) + "/f".repeat(random.nextInt(200))),
                size == 0 ? Sha256.OF_EMPTY : Sha256.of(digest),
                size,
                NodeId.of("node-" + random.nextInt(20)),
                Instant.ofEpochMilli(number(random) / 1_000_000 * (random.nextBoolean() ? 1 : -1)),
                attributes.isEmpty() ? Attributes.NONE : Attributes.of(new TreeMap<>(attributes)),
                content,
                new Lsn(content.index() + random.nextInt(5), content.ordinal()));
    }

    private static long number(Random random) {
        return NUMBERS[random.nextInt(NUMBERS.length)];
    }
}
