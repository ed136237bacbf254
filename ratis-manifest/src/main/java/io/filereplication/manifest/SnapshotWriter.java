package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.GroupId;
import io.filereplication.Sha256;
import io.filereplication.manifest.proto.ManifestProtocol.SnapshotHeaderProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;

/** Writes one {@link SnapshotCut} as {@link SnapshotFormat} says, in one pass and one block of memory. */
final class SnapshotWriter {
    private final MessageDigest digest = Sha256.newDigest();
    private final OutputStream out;
    private final ByteArrayOutputStream block = new ByteArrayOutputStream(2 * SnapshotFormat.BLOCK_BYTES);
    private final EntryEncoder encoder = new EntryEncoder(block);
    private long entries;
    private long bytes;

    SnapshotWriter(OutputStream out) {
        this.out = new DigestOutputStream(out, digest);
    }

    void write(SnapshotCut cut, GroupId group) throws IOException {
        write(ByteBuffer.allocate(SnapshotFormat.MAGIC.length + Integer.BYTES)
                .put(SnapshotFormat.MAGIC)
                .putInt(SnapshotFormat.VERSION));
        add(
                SnapshotFormat.HEADER,
                SnapshotHeaderProto.newBuilder()
                        .setGroupHigh(group.value().getMostSignificantBits())
                        .setGroupLow(group.value().getLeastSignificantBits())
                        .setAppliedIndex(cut.index() + 1)
                        .setEnabledFormat(cut.enabledFormat())
                        .setForgottenIndex(cut.answers().forgottenIndex() + 1)
                        .build());
        endBlock(SnapshotFormat.HEADER);
        cut.forEach(this::add);
        endBlock(SnapshotFormat.ENTRIES);
        cut.answers().forEach((id, answer) -> add(SnapshotFormat.ANSWERS, ManifestCodec.answer(id, answer)));
        endBlock(SnapshotFormat.ANSWERS);
        if (entries != cut.count()) {
            throw new IllegalStateException(
                    "The cut at " + cut.index() + " had " + cut.count() + " entries, " + entries + " were written");
        }
        write(ByteBuffer.allocate(1 + 2 * Long.BYTES)
                .put(SnapshotFormat.TRAILER)
                .putLong(entries)
                .putLong(bytes));
        out.write(digest.digest());
    }

    private void add(FileEntry entry) throws IOException {
        entries++;
        bytes += entry.sizeBytes();
        encoder.writeDelimited(entry);
        endFullBlock(SnapshotFormat.ENTRIES);
    }

    private void add(byte kind, MessageLite message) throws IOException {
        message.writeDelimitedTo(block);
        endFullBlock(kind);
    }

    private void endFullBlock(byte kind) throws IOException {
        if (block.size() >= SnapshotFormat.BLOCK_BYTES) {
            endBlock(kind);
        }
    }

    private void endBlock(byte kind) throws IOException {
        if (block.size() == 0) {
            return;
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("The snapshot was given up");
        }
        write(ByteBuffer.allocate(1 + Integer.BYTES).put(kind).putInt(block.size()));
        block.writeTo(out);
        block.reset();
    }

    /** Writes a buffer that has an array of its own and is full. */
    private void write(ByteBuffer full) throws IOException {
        out.write(full.array());
    }
}
