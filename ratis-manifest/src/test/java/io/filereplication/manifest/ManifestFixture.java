package io.filereplication.manifest;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.Lsn;
import io.filereplication.ManifestDifference;
import io.filereplication.ManifestListener;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** A manifest with a log of its own: each call is the next log entry. */
final class ManifestFixture {
    static final GroupId GROUP = GroupId.of("02511d47-d67c-49a3-9011-abb3109a44c1");

    final Manifest manifest;
    private long index = -1;
    private long ids;

    ManifestFixture() {
        this(new Manifest(GROUP));
    }

    ManifestFixture(Manifest manifest) {
        this.manifest = manifest;
        index = manifest.appliedIndex();
    }

    static Operation.Content content(String path, String text, Map<String, String> attributes) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Operation.Content(
                FilePath.of(path),
                Sha256.of(Sha256.newDigest().digest(bytes)),
                bytes.length,
                NodeId.of("n1"),
                Instant.ofEpochMilli(1_000),
                Attributes.of(attributes));
    }

    static Operation register(String path, String text) {
        return Operation.register(content(path, text, Map.of()));
    }

    static Operation delete(String path) {
        return Operation.delete(FilePath.of(path), "test");
    }

    OperationId newId() {
        return new OperationId(index, ++ids);
    }

    long lastIndex() {
        return index;
    }

    /** The next log entry: one batch with a new id. */
    BatchResult apply(Operation... operations) {
        return apply(new Proposals.Batch(newId(), index, List.of(operations)));
    }

    /** The next log entry: one operation. */
    OperationStatus applyOne(Operation operation) {
        return apply(operation).operations().get(0).status();
    }

    BatchResult apply(Proposals.Batch batch) {
        return applyAll(List.of(batch)).get(0);
    }

    List<BatchResult> applyAll(List<Proposals.Batch> batches) {
        return Proposals.decodeReply(applied(Proposals.encode(batches)), batches.size());
    }

    /** The reply to the next log entry, which must not stop the manifest. */
    ByteString applied(ByteString entry) {
        ApplyOutcome outcome = manifest.apply(++index, entry);
        if (outcome instanceof ApplyOutcome.Applied applied) {
            return applied.reply();
        }
        throw new AssertionError("Stopped: " + outcome);
    }

    ApplyOutcome applyRaw(ByteString entry) {
        return manifest.apply(++index, entry);
    }

    byte[] snapshot() {
        return snapshotOf(manifest);
    }

    static byte[] snapshotOf(Manifest manifest) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            manifest.writeSnapshot(out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Manifest loaded(byte[] snapshot) throws IOException {
        Manifest manifest = new Manifest(GROUP);
        manifest.loadSnapshot(new ByteArrayInputStream(snapshot));
        return manifest;
    }

    static List<FileEntry> all(Manifest manifest) {
        return manifest.page(null, Manifest.MAX_PAGE);
    }

    /** Writes down what it hears. */
    static final class Heard implements ManifestListener {
        final List<String> events = new ArrayList<>();
        ManifestDifference last;

        @Override
        public void registered(FileEntry entry) {
            events.add("registered " + entry.version());
        }

        @Override
        public void deleted(FileEntry removed, Lsn at) {
            events.add("deleted " + removed.version() + " at " + at);
        }

        @Override
        public void replaced(ManifestDifference difference) {
            events.add("replaced");
            last = difference;
        }
    }
}
