package io.filereplication.wire;

import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.InvalidFilePathException;
import io.filereplication.Lsn;
import io.filereplication.Sha256;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes requests, and reads their items. {@link ServerSessions#open} reads the rest.
 *
 * <pre>
 *   0        magic "FREP"         4 bytes
 *   4        version              1 byte, the session's
 *   5        kind                 1 byte, 3
 *   6        number of files      2 bytes, 1 to 256
 *   8        session id          16 bytes
 *  24        counter              8 bytes, from 1
 *  32        files                one after another
 *            tag                 32 bytes, over all before, under the session's key of requests
 *
 * Each file:
 *   0        flags                1 byte: bit 0 reports bad bytes, no other is used
 *   1        length of the path   2 bytes, p, 1 to 3,072
 *   3        path                 p bytes, UTF-8
 *   3 + p    log index            8 bytes, of the version
 *  11 + p    ordinal              4 bytes, of the version
 *  15 + p    digest              32 bytes, SHA-256 of the whole file
 *  47 + p    size                 8 bytes, of the file
 *  55 + p    offset               8 bytes; 0 in a report of bad bytes
 *  63 + p    length               8 bytes; 0 asks whether the file is there, and is 0 in a report of bad bytes
 * </pre>
 */
final class RequestCodec {
    private static final int ITEM_FIXED_BYTES = 1 + 2 + 8 + 4 + Sha256.BYTES + 8 + 8 + 8;
    private static final int BAD_COPY = 1;

    private RequestCodec() {}

    /** A whole request, tagged. */
    static ByteBuffer write(int version, SessionId session, long counter, List<WantedRange> items, Tagger tagger) {
        int bytes = Protocol.REQUEST_HEADER_BYTES + Protocol.TAG_BYTES;
        for (WantedRange item : items) {
            bytes += ITEM_FIXED_BYTES + item.version().path().utf8Length();
        }
        ByteBuffer out = ByteBuffer.allocate(bytes);
        out.putInt(Protocol.MAGIC).put((byte) version).put((byte) MessageKind.REQUEST.code());
        out.putShort((short) items.size());
        session.write(out);
        out.putLong(counter);
        items.forEach(item -> write(item, out));
        tagger.update(out, 0, out.position()).finish(out);
        return out.flip();
    }

    private static void write(WantedRange item, ByteBuffer out) {
        byte[] path = item.version().path().toUtf8();
        out.put((byte) (item.badCopy() ? BAD_COPY : 0));
        out.putShort((short) path.length).put(path);
        out.putLong(item.version().contentLsn().index());
        out.putInt(item.version().contentLsn().ordinal());
        item.sha256().write(out);
        out.putLong(item.sizeBytes()).putLong(item.offset()).putLong(item.length());
    }

    /** The items of an authentic request, {@code body} being the bytes between its header and its tag. */
    static List<RequestedItem> read(int count, ByteBuffer body) throws MalformedMessageException {
        if (count < 1 || count > Protocol.MAX_ITEMS) {
            throw new MalformedMessageException("A request for " + count + " files");
        }
        FieldReader fields = new FieldReader(body);
        List<RequestedItem> items = new ArrayList<>(count);
        long total = 0;
        for (int i = 0; i < count; i++) {
            RequestedItem item = read(fields);
            items.add(item);
            total += item instanceof WantedRange wanted ? wanted.length() : 0;
        }
        fields.end();
        if (total > Protocol.MAX_ANSWER_BYTES) {
            throw new MalformedMessageException("A request for " + total + " bytes at once");
        }
        return items;
    }

    private static RequestedItem read(FieldReader fields) throws MalformedMessageException {
        int flags = fields.u8();
        byte[] path = path(fields);
        long index = fields.i64();
        int ordinal = fields.i32();
        Sha256 sha256 = fields.sha256();
        long size = fields.i64();
        long offset = fields.i64();
        long length = fields.i64();
        if ((flags & ~BAD_COPY) != 0) {
            return new RequestedItem.Unacceptable(RefusalCode.VERSION);
        }
        boolean badCopy = flags == BAD_COPY;
        if (index < 0 || ordinal < 0 || size < 0 || length < 0 || length > Protocol.MAX_ANSWER_BYTES) {
            return new RequestedItem.Unacceptable(RefusalCode.MALFORMED);
        }
        if (badCopy && (offset != 0 || length != 0)) {
            return new RequestedItem.Unacceptable(RefusalCode.MALFORMED);
        }
        if (path == null) {
            return new RequestedItem.Unacceptable(RefusalCode.INVALID_PATH);
        }
        try {
            FileVersion version = new FileVersion(FilePath.ofUtf8(path), new Lsn(index, ordinal));
            return new WantedRange(version, sha256, size, offset, length, badCopy);
        } catch (InvalidFilePathException e) {
            return new RequestedItem.Unacceptable(RefusalCode.INVALID_PATH);
        }
    }

    /** The path, or null for one that is longer than any: it is passed over. */
    private static byte @Nullable [] path(FieldReader fields) throws MalformedMessageException {
        int count = fields.u16();
        if (count > FilePath.MAX_BYTES) {
            fields.skip(count);
            return null;
        }
        return fields.bytes(count);
    }
}
