package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.Sha256;
import io.filereplication.manifest.proto.ManifestProtocol.AnswerProto;
import io.filereplication.manifest.proto.ManifestProtocol.EntryProto;
import io.filereplication.manifest.proto.ManifestProtocol.SnapshotHeaderProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.UUID;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedInputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.com.google.protobuf.Parser;
import org.jspecify.annotations.Nullable;

/**
 * Reads a snapshot, one block in memory at a time, into a new {@link ManifestContent} that nobody sees before the trailer
 * has proven that all of it is right.
 */
final class SnapshotReader {
    private final InputStream in;
    private final GroupId group;
    private final int supportedFormat;
    private final int answersCapacity;
    private final MessageDigest digest = Sha256.newDigest();
    private @Nullable ManifestContent content;
    private @Nullable FilePath last;

    SnapshotReader(InputStream in, GroupId group, int supportedFormat, int answersCapacity) {
        this.in = in;
        this.group = group;
        this.supportedFormat = supportedFormat;
        this.answersCapacity = answersCapacity;
    }

    /** Reads to the end; throws {@link CorruptSnapshotException} or {@link UnsupportedSnapshotException}. */
    ManifestContent read() throws IOException {
        try {
            return readAll();
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new CorruptSnapshotException("The snapshot is damaged: " + e.getMessage(), e);
        }
    }

    private ManifestContent readAll() throws IOException {
        if (!Arrays.equals(take(SnapshotFormat.MAGIC.length), SnapshotFormat.MAGIC)) {
            throw new CorruptSnapshotException("This is not a snapshot of a manifest");
        }
        int version = number(Integer.BYTES).getInt();
        if (version != SnapshotFormat.VERSION) {
            if (version > SnapshotFormat.VERSION && version < 1_000) {
                throw new UnsupportedSnapshotException(version, SnapshotFormat.VERSION);
            }
            throw new CorruptSnapshotException("The snapshot has the impossible format version " + version);
        }
        while (true) {
            byte kind = take(1)[0];
            if (kind == SnapshotFormat.TRAILER) {
                return trailer();
            }
            int length = number(Integer.BYTES).getInt();
            if (length < 1 || length > SnapshotFormat.MAX_BLOCK_BYTES) {
                throw new CorruptSnapshotException("A block of " + length + " bytes");
            }
            block(kind, take(length));
        }
    }

    private void block(byte kind, byte[] payload) throws IOException {
        CodedInputStream messages = CodedInputStream.newInstance(payload);
        switch (kind) {
            case SnapshotFormat.HEADER -> header(next(messages, SnapshotHeaderProto.parser()));
            case SnapshotFormat.ENTRIES -> {
                while (!messages.isAtEnd()) {
                    entry(next(messages, EntryProto.parser()));
                }
            }
            case SnapshotFormat.ANSWERS -> {
                while (!messages.isAtEnd()) {
                    answer(next(messages, AnswerProto.parser()));
                }
            }
            default -> throw new CorruptSnapshotException("A block of the unknown kind " + kind);
        }
    }

    private void answer(AnswerProto answer) throws IOException {
        content()
                .answers
                .remember(
                        new OperationId(answer.getIdHigh(), answer.getIdLow()),
                        ManifestCodec.result(answer.getReply(), answer.getIndex()));
    }

    private static <M extends MessageLite> M next(CodedInputStream messages, Parser<M> parser) throws IOException {
        int limit = messages.pushLimit(messages.readRawVarint32());
        M message = parser.parseFrom(messages);
        messages.checkLastTagWas(0);
        messages.popLimit(limit);
        return message;
    }

    private void header(SnapshotHeaderProto header) throws IOException {
        if (content != null) {
            throw new CorruptSnapshotException("Two headers");
        }
        GroupId written = new GroupId(new UUID(header.getGroupHigh(), header.getGroupLow()));
        if (!written.equals(group)) {
            throw new CorruptSnapshotException("The snapshot belongs to group " + written + ", not to " + group);
        }
        if (header.getEnabledFormat() > supportedFormat) {
            throw new UnsupportedSnapshotException(header.getEnabledFormat(), supportedFormat);
        }
        ManifestContent fresh =
                new ManifestContent(answersCapacity, header.getAppliedIndex() - 1, header.getEnabledFormat());
        fresh.answers.setForgottenIndex(header.getForgottenIndex() - 1);
        content = fresh;
    }

    private void entry(EntryProto message) throws IOException {
        ManifestContent target = content();
        FileEntry entry = ManifestCodec.entry(message, target.origins);
        FilePath previous = last;
        if (previous != null && previous.compareTo(entry.path()) >= 0) {
            throw new CorruptSnapshotException("Entries out of order: " + entry.path() + " after " + previous);
        }
        last = entry.path();
        target.load(entry);
    }

    private ManifestContent trailer() throws IOException {
        ManifestContent target = content();
        ByteBuffer sums = number(2 * Long.BYTES);
        byte[] expected = digest.digest();
        byte[] written = in.readNBytes(Sha256.BYTES);
        if (!Arrays.equals(expected, written)) {
            throw new CorruptSnapshotException("The snapshot's SHA-256 does not match its bytes");
        }
        if (sums.getLong() != target.count() || sums.getLong() != target.bytes()) {
            throw new CorruptSnapshotException(
                    "The snapshot has " + target.count() + " entries, which is not what it says");
        }
        if (in.read() >= 0) {
            throw new CorruptSnapshotException("Something follows the snapshot's end");
        }
        return target;
    }

    private ManifestContent content() throws IOException {
        ManifestContent target = content;
        if (target == null) {
            throw new CorruptSnapshotException("The snapshot does not begin with a header");
        }
        return target;
    }

    private ByteBuffer number(int bytes) throws IOException {
        return ByteBuffer.wrap(take(bytes));
    }

    private byte[] take(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new CorruptSnapshotException("The snapshot is truncated");
        }
        digest.update(bytes);
        return bytes;
    }
}
