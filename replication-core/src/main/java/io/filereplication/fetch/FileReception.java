package io.filereplication.fetch;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import io.filereplication.storage.StorageException;
import io.filereplication.wire.AnswerMessage;
import io.filereplication.wire.Protocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One wanted file while it is being received: every chunk is hashed once, compared, and only then appended. */
final class FileReception {
    private final NodeId peer;
    private final FetchItem item;
    private final long begunAt;
    private @Nullable FetchOutcome outcome;
    private boolean acknowledged;

    FileReception(NodeId peer, FetchItem item) {
        this.peer = peer;
        this.item = item;
        this.begunAt = item.offset();
        if (begunAt > entry().sizeBytes()) {
            failed(new BadOffsetException(
                    begunAt + " bytes of " + entry().version() + " are staged, more than it has"));
        } else if (begunAt == entry().sizeBytes()) {
            // Nothing is missing, as of every empty file: the peer need not be asked.
            finishWithoutThePeer();
        } else if (begunAt % Protocol.CHUNK_BYTES != 0) {
            failed(new BadOffsetException("The bytes staged of " + entry().version() + " end within a chunk"));
        }
    }

    FileEntry entry() {
        return item.entry();
    }

    /** Where the bytes that are here end. */
    long position() {
        return item.hasher().position();
    }

    boolean isOver() {
        return outcome != null;
    }

    /** The outcome; {@code otherwise} when the exchange ended before the file's fate was known. */
    FetchOutcome outcomeOr(FetchException otherwise) {
        return outcome != null ? outcome : new FetchOutcome.Failed(otherwise, received());
    }

    boolean hasReceived() {
        return received() > 0;
    }

    private long received() {
        return item.destination().length() - begunAt;
    }

    void failed(FetchException reason) {
        if (outcome == null) {
            outcome = new FetchOutcome.Failed(reason, received());
        }
    }

    void pollCancelled() {
        if (outcome == null && item.cancelled().getAsBoolean()) {
            failed(new FetchCancelledException("The fetch of " + entry().version() + " was cancelled"));
        }
    }

    /** The peer has the file; before the offset of its range its bytes have the digest {@code prefix}. */
    void acknowledged(Sha256 prefix) {
        if (isOver()) {
            return;
        }
        if (!item.hasher().digestSoFar().equals(prefix)) {
            // Before the first byte of this fetch it is our own prefix that is in doubt; later the peer contradicts
            // itself.
            failed(
                    acknowledged || position() == 0
                            ? new ChecksumMismatchException(peer + " contradicts itself about " + entry().version())
                            : new BadOffsetException("The " + position() + " bytes staged of " + entry().version()
                                    + " are not the file's"));
        }
        acknowledged = true;
    }

    /** Takes the bytes of an authentic frame, which begins where the last one ended. */
    void frame(AnswerMessage.Frame frame) {
        if (isOver()) {
            return;
        }
        if (frame.offset() != position()) {
            failed(new UnreachableException(peer + " went on with " + entry().version() + " at " + frame.offset()
                    + " and not at " + position()));
            return;
        }
        for (ByteBuffer part : frame.data()) {
            item.hasher().update(part.duplicate());
        }
        if (!item.hasher().digestSoFar().equals(frame.prefixAtEnd())) {
            failed(mismatch());
            return;
        }
        boolean last = position() == entry().sizeBytes();
        if (last && !frame.prefixAtEnd().equals(entry().sha256())) {
            failed(mismatch());
            return;
        }
        try {
            for (ByteBuffer part : frame.data()) {
                item.destination().append(part);
            }
        } catch (StorageException e) {
            outcome = new FetchOutcome.NotStored(e, received());
            return;
        }
        if (last) {
            outcome = new FetchOutcome.Received(received());
        }
    }

    private FetchException mismatch() {
        return new ChecksumMismatchException(peer + " sent bytes of " + entry().version() + " that do not match");
    }

    private void finishWithoutThePeer() {
        if (item.hasher().digestSoFar().equals(entry().sha256())) {
            outcome = new FetchOutcome.Received(0);
        } else {
            failed(new BadOffsetException("The bytes staged of " + entry().version() + " are not the file's"));
        }
    }
}
