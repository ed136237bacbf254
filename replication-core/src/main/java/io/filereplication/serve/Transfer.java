package io.filereplication.serve;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import io.filereplication.storage.OpenFile;
import io.filereplication.storage.StorageException;
import io.filereplication.storage.StorageInterruptedException;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.time.Scheduler;
import io.filereplication.wire.Protocol;
import io.filereplication.wire.RefusalCode;
import io.filereplication.wire.RequestedItem;
import io.filereplication.wire.WantedRange;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/** Answers the items of one admitted request, one after another, on the calling thread. */
final class Transfer {
    private final NodeId peer;
    private final Lookup lookup;
    private final AnswerWriter answer;
    private final BandwidthLimits<NodeId> outgoing;
    private final Scheduler scheduler;
    private final ServeCounters counters;

    Transfer(
            NodeId peer,
            Lookup lookup,
            AnswerWriter answer,
            BandwidthLimits<NodeId> outgoing,
            Scheduler scheduler,
            ServeCounters counters) {
        this.peer = peer;
        this.lookup = lookup;
        this.answer = answer;
        this.outgoing = outgoing;
        this.scheduler = scheduler;
        this.counters = counters;
    }

    void run(List<RequestedItem> items) throws IOException {
        for (int i = 0; i < items.size(); i++) {
            RequestedItem item = items.get(i);
            Lookup.Decision decision = lookup.decide(item);
            if (decision instanceof Lookup.Decision.Refuse refuse) {
                refuse(i, refuse.code());
            } else if (decision instanceof Lookup.Decision.Send send) {
                send(i, (WantedRange) item, send);
            } else {
                answer.acknowledgement(i, 0, 0, Sha256.OF_EMPTY);
            }
        }
        answer.trailer();
    }

    private void send(int item, WantedRange wanted, Lookup.Decision.Send send) throws IOException {
        try (OpenFile file = send.file()) {
            answer.acknowledgement(
                    item, wanted.offset(), wanted.length(), file.digests().upTo(wanted.offset()));
            for (long at = wanted.offset(); at < wanted.end(); ) {
                int length = (int) Math.min(Protocol.CHUNK_BYTES, wanted.end() - at);
                ByteBuffer data = answer.frameData(length);
                if (!readFully(send.entry(), file, data, at)) {
                    refuse(item, RefusalCode.FILE_NOT_HERE);
                    return;
                }
                awaitBandwidth(length);
                answer.frame(item, at, length, file.digests().upTo(at + length));
                counters.sent(peer, length);
                at += length;
            }
            counters.file(peer);
        }
    }

    /** Fills {@code data} from {@code at} on; false when the file is not what it was when it was opened. */
    private boolean readFully(FileEntry entry, OpenFile file, ByteBuffer data, long at) throws InterruptedIOException {
        try {
            long position = at;
            while (data.hasRemaining()) {
                int read = file.read(data, position);
                if (read <= 0) {
                    lookup.suspect(entry, "it ends at " + position);
                    return false;
                }
                position += read;
            }
            return true;
        } catch (StorageInterruptedException e) {
            // This thread is to end, which says nothing about the file.
            throw interrupted("reading " + entry.version(), e);
        } catch (StorageException e) {
            lookup.suspect(entry, "it could not be read for " + peer + ": " + e);
            return false;
        }
    }

    private void awaitBandwidth(int length) throws IOException {
        try {
            for (long wait = outgoing.take(peer, length); wait > 0; wait = outgoing.take(peer, length)) {
                scheduler.sleep(Duration.ofNanos(wait));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted("waiting for bandwidth", e);
        }
    }

    private static InterruptedIOException interrupted(String what, Exception cause) {
        InterruptedIOException interrupted = new InterruptedIOException("Interrupted while " + what);
        interrupted.initCause(cause);
        return interrupted;
    }

    private void refuse(int item, RefusalCode code) throws IOException {
        counters.refused(peer, code);
        answer.refusal(item, code);
    }
}
