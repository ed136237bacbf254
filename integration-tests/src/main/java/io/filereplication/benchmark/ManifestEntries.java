package io.filereplication.benchmark;

import io.filereplication.Attributes;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import io.filereplication.manifest.Manifest;
import io.filereplication.manifest.Operation;
import io.filereplication.manifest.OperationId;
import io.filereplication.manifest.Proposals;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** The registrations of the manifest's benchmarks: paths of 85 bytes, 20 origins, no attributes. */
final class ManifestEntries {
    static final GroupId GROUP = new GroupId(new UUID(7, 7));
    private static final int ORIGINS = 20;
    private static final int FILES_PER_DIRECTORY = 1_000;
    private static final int BATCH = 1_000;
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

    private ManifestEntries() {}

    static Operation register(long number) {
        // 85 characters; neighbours in number are neighbours in a directory.
        FilePath path = FilePath.of(String.format(
                Locale.ROOT,
                "database-1/measurements/table-%08d/2026/part-%012d-of-a-measurement.parquet",
                number / FILES_PER_DIRECTORY,
                number));
        byte[] digest = new byte[Sha256.BYTES];
        SplittableRandom random = new SplittableRandom(number);
        ByteBuffer words = ByteBuffer.wrap(digest);
        while (words.hasRemaining()) {
            words.putLong(random.nextLong());
        }
        return Operation.register(new Operation.Content(
                path,
                Sha256.of(digest),
                1 + number % 10_000_000,
                NodeId.of("node-" + number % ORIGINS),
                CREATED,
                Attributes.NONE));
    }

    /** A log entry with one call that registers {@code number}. */
    static ByteString entry(long number) {
        return Proposals.encode(List.of(batch(number, -1)));
    }

    private static Proposals.Batch batch(long number, long knownIndex) {
        return new Proposals.Batch(new OperationId(1, number), knownIndex, List.of(register(number)));
    }

    /** Applies the registrations {@code [first, end)} to {@code manifest}, many calls to a log entry. */
    static void fill(Manifest manifest, long first, long end) {
        List<Proposals.Batch> batches = new ArrayList<>(BATCH);
        for (long number = first; number < end; number++) {
            batches.add(batch(number, manifest.appliedIndex()));
            if (batches.size() == BATCH || number + 1 == end) {
                manifest.apply(manifest.appliedIndex() + 1, Proposals.encode(batches));
                batches.clear();
            }
        }
        if (manifest.count() < end - first) {
            throw new IllegalStateException(
                    "Of the registrations " + first + " to " + end + " only " + manifest.count() + " are there");
        }
    }
}
