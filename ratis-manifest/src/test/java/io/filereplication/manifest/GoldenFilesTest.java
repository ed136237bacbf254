package io.filereplication.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

/**
 * Log entries and a snapshot of format version 1, as they were first written. They are in logs and on disks out there and
 * have to be read for ever: the files are never changed, only added to.
 */
class GoldenFilesTest {

    private static List<ByteString> logEntries() throws IOException {
        List<ByteString> entries = new ArrayList<>();
        for (String line : new String(resource("log-entries-v1.hex"), java.nio.charset.StandardCharsets.US_ASCII)
                .lines()
                .toList()) {
            entries.add(ByteString.copyFrom(HexFormat.of().parseHex(line)));
        }
        return entries;
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = GoldenFilesTest.class.getResourceAsStream("/golden/" + name)) {
            assertThat(in).as(name).isNotNull();
            return in.readAllBytes();
        }
    }

    /** The operations that the golden log entries were made of. */
    static List<ByteString> written() {
        Operation.Content content = ManifestFixture.content("db/cpu/2026-01-01.parquet", "one", Map.of("tier", "hot"));
        return List.of(
                Proposals.encode(List.of(
                        new Proposals.Batch(new OperationId(1, 2), -1, List.of(Operation.register(content))),
                        new Proposals.Batch(
                                new OperationId(-3, 4),
                                0,
                                List.of(
                                        ManifestFixture.register("empty", ""),
                                        ManifestFixture.register("gone/ü", "two"))))),
                Proposals.encode(List.of(
                        new Proposals.Batch(
                                new OperationId(5, 6),
                                0,
                                List.of(Operation.updateIf(
                                        ManifestFixture.content("db/cpu/2026-01-01.parquet", "more", Map.of()),
                                        new Lsn(0, 0)))),
                        new Proposals.Batch(
                                new OperationId(7, 8),
                                0,
                                List.of(Operation.deleteIf(FilePath.of("gone/ü"), "old", new Lsn(0, 2)))),
                        new Proposals.Batch(new OperationId(9, 10), 0, List.of(Operation.registerIfAbsent(content))))),
                Proposals.encodeEnableFormat(1));
    }

    private static void checkFinalState(Manifest manifest) {
        assertThat(ManifestFixture.all(manifest))
                .extracting(FileEntry::path)
                .containsExactly(FilePath.of("db/cpu/2026-01-01.parquet"), FilePath.of("empty"));
        FileEntry entry = manifest.get(FilePath.of("db/cpu/2026-01-01.parquet"));
        assertThat(entry.contentLsn()).isEqualTo(new Lsn(1, 0));
        assertThat(entry.sizeBytes()).isEqualTo(4);
        assertThat(entry.originNodeId()).isEqualTo(NodeId.of("n1"));
        assertThat(entry.createdAt()).isEqualTo(Instant.ofEpochMilli(1_000));
        assertThat(manifest.get(FilePath.of("empty")).sha256()).isEqualTo(Sha256.OF_EMPTY);
        assertThat(manifest.appliedIndex()).isEqualTo(2);
        // The second entry's third batch lost its race; its answer is remembered.
        BatchResult again = Proposals.decodeReply(
                        ((ApplyOutcome.Applied) manifest.apply(3, written().get(1))).reply(), 3)
                .get(2);
        assertThat(again.operations().get(0).status()).isEqualTo(OperationStatus.EXISTS);
    }

    @Test
    void theGoldenLogAppliesAsItAlwaysDid() throws Exception {
        Manifest manifest = new Manifest(ManifestFixture.GROUP);
        int index = 0;
        for (ByteString entry : logEntries()) {
            assertThat(manifest.apply(index++, entry)).isInstanceOf(ApplyOutcome.Applied.class);
        }
        checkFinalState(manifest);
    }

    @Test
    void theGoldenSnapshotLoadsAsItAlwaysDid() throws Exception {
        Manifest manifest = new Manifest(ManifestFixture.GROUP);
        manifest.loadSnapshot(new ByteArrayInputStream(resource("snapshot-v1.bin")));
        checkFinalState(manifest);
    }

    @Test
    void thisBuildStillWritesTheGoldenBytes() throws Exception {
        assertThat(written()).isEqualTo(logEntries());
        Manifest manifest = new Manifest(ManifestFixture.GROUP);
        int index = 0;
        for (ByteString entry : logEntries()) {
            assertThat(manifest.apply(index++, entry)).isInstanceOf(ApplyOutcome.Applied.class);
        }
        assertThat(ManifestFixture.snapshotOf(manifest)).isEqualTo(resource("snapshot-v1.bin"));
    }
}
