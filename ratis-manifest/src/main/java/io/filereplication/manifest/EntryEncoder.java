package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.Sha256;
import io.filereplication.manifest.proto.ManifestProtocol.AttributeProto;
import io.filereplication.manifest.proto.ManifestProtocol.EntryProto;
import io.filereplication.manifest.proto.ManifestProtocol.PositionProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.WireFormat;

/**
 * Writes entries as delimited {@link EntryProto}s, byte for byte as the messages would write themselves, without making them: a
 * snapshot of a million entries would leave a gigabyte of garbage, and each collection stops apply. Not thread-safe.
 */
final class EntryEncoder {
    private static final int BUFFER_BYTES = 4_096;

    private final CodedOutputStream out;
    private final byte[] path = new byte[FilePath.MAX_BYTES];
    private final byte[] digest = new byte[Sha256.BYTES];
    private final ByteBuffer digestBuffer = ByteBuffer.wrap(digest);

    /** Encodes into {@code target}. */
    EntryEncoder(OutputStream target) {
        out = CodedOutputStream.newInstance(target, BUFFER_BYTES);
    }

    /** Writes one entry; when this returns, all of it is in the target. */
    void writeDelimited(FileEntry entry) throws IOException {
        int pathBytes = entry.path().copyUtf8To(path);
        String origin = entry.originNodeId().value();
        long created = entry.createdAt().toEpochMilli();
        Lsn contentLsn = entry.contentLsn();
        Lsn lsn = entry.lsn();
        List<AttributeProto> attributes =
                entry.attributes().isEmpty() ? List.of() : ManifestCodec.messages(entry.attributes());
        entry.sha256().write(digestBuffer.clear());

        int size = CodedOutputStream.computeTagSize(EntryProto.PATH_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(pathBytes)
                + pathBytes
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

        out.writeUInt32NoTag(size);
        out.writeTag(EntryProto.PATH_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(pathBytes);
        out.write(path, 0, pathBytes);
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
        write(EntryProto.CONTENT_LSN_FIELD_NUMBER, contentLsn);
        write(EntryProto.LSN_FIELD_NUMBER, lsn);
        out.flush();
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

    private void write(int field, Lsn lsn) throws IOException {
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
