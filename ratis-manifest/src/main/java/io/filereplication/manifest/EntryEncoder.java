package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.Lsn;
import io.filereplication.Sha256;
import io.filereplication.manifest.proto.ManifestProtocol.AttributeProto;
import io.filereplication.manifest.proto.ManifestProtocol.EntryProto;
import io.filereplication.manifest.proto.ManifestProtocol.PositionProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.WireFormat;

/**
 * Writes entries as delimited {@link EntryProto}s, byte for byte as the messages would write themselves, without making them: a
 * snapshot of a million entries would leave a gigabyte of garbage, and each collection stops apply. Not thread-safe.
 */
final class EntryEncoder {
    /** Longest varint of a length. */
    private static final int LENGTH_BYTES = 5;

    private byte[] scratch = new byte[512];
    private final byte[] digest = new byte[Sha256.BYTES];
    private final ByteBuffer digestBuffer = ByteBuffer.wrap(digest);

    void writeDelimited(FileEntry entry, ByteArrayOutputStream target) throws IOException {
        byte[] path = entry.path().toUtf8();
        String origin = entry.originNodeId().value();
        long created = entry.createdAt().toEpochMilli();
        Lsn contentLsn = entry.contentLsn();
        Lsn lsn = entry.lsn();
        List<AttributeProto> attributes =
                entry.attributes().isEmpty() ? List.of() : ManifestCodec.messages(entry.attributes());
        entry.sha256().write(digestBuffer.clear());

        int size = CodedOutputStream.computeByteArraySize(EntryProto.PATH_FIELD_NUMBER, path)
                + CodedOutputStream.computeByteArraySize(EntryProto.SHA256_FIELD_NUMBER, digest)
                + CodedOutputStream.computeStringSize(EntryProto.ORIGIN_FIELD_NUMBER, origin)
                + size(EntryProto.CONTENT_LSN_FIELD_NUMBER, contentLsn)
                + size(EntryProto.LSN_FIELD_NUMBER, lsn);
        if (entry.sizeBytes() != 0) {
            size += CodedOutputStream.computeUInt64Size(EntryProto.SIZE_BYTES_FIELD_NUMBER, entry.sizeBytes());
        }
        if (created != 0) {
            size += CodedOutputStream.computeSInt64Size(EntryProto.CREATED_AT_MILLIS_FIELD_NUMBER, created);
        }
        for (int i = 0; i < attributes.size(); i++) {
            size += CodedOutputStream.computeMessageSize(EntryProto.ATTRIBUTES_FIELD_NUMBER, attributes.get(i));
        }
        if (scratch.length < size + LENGTH_BYTES) {
            scratch = new byte[size + LENGTH_BYTES];
        }

        CodedOutputStream out = CodedOutputStream.newInstance(scratch);
        out.writeUInt32NoTag(size);
        out.writeByteArray(EntryProto.PATH_FIELD_NUMBER, path);
        out.writeByteArray(EntryProto.SHA256_FIELD_NUMBER, digest);
        if (entry.sizeBytes() != 0) {
            out.writeUInt64(EntryProto.SIZE_BYTES_FIELD_NUMBER, entry.sizeBytes());
        }
        out.writeString(EntryProto.ORIGIN_FIELD_NUMBER, origin);
        if (created != 0) {
            out.writeSInt64(EntryProto.CREATED_AT_MILLIS_FIELD_NUMBER, created);
        }
        for (int i = 0; i < attributes.size(); i++) {
            out.writeMessage(EntryProto.ATTRIBUTES_FIELD_NUMBER, attributes.get(i));
        }
        write(EntryProto.CONTENT_LSN_FIELD_NUMBER, contentLsn, out);
        write(EntryProto.LSN_FIELD_NUMBER, lsn, out);
        target.write(scratch, 0, out.getTotalBytesWritten());
    }

    private static int size(int field, Lsn lsn) {
        int inside = inside(lsn);
        return CodedOutputStream.computeTagSize(field) + CodedOutputStream.computeUInt32SizeNoTag(inside) + inside;
    }

    private static int inside(Lsn lsn) {
        int size = 0;
        if (lsn.index() != 0) {
            size += CodedOutputStream.computeUInt64Size(PositionProto.INDEX_FIELD_NUMBER, lsn.index());
        }
        if (lsn.ordinal() != 0) {
            size += CodedOutputStream.computeUInt32Size(PositionProto.ORDINAL_FIELD_NUMBER, lsn.ordinal());
        }
        return size;
    }

    private static void write(int field, Lsn lsn, CodedOutputStream out) throws IOException {
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(inside(lsn));
        if (lsn.index() != 0) {
            out.writeUInt64(PositionProto.INDEX_FIELD_NUMBER, lsn.index());
        }
        if (lsn.ordinal() != 0) {
            out.writeUInt32(PositionProto.ORDINAL_FIELD_NUMBER, lsn.ordinal());
        }
    }
}
