package io.filereplication.example;

import io.filereplication.GroupId;
import io.filereplication.manifest.ApplyOutcome;
import io.filereplication.manifest.Manifest;
import io.filereplication.manifest.StoppedBefore;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * A state machine of the application's own with a manifest inside it: one log orders both. The first byte of an entry says
 * whose it is. What it knows of files changes in the same step as what it knows of everything else.
 */
final class FilesInsideStateMachine extends BaseStateMachine {
    /** The first byte of an entry that counts one. */
    static final byte COUNT = 1;
    /** The first byte of an entry of the manifest, made by {@link io.filereplication.manifest.Proposals}. */
    static final byte FILES = 2;

    private final AtomicLong counter = new AtomicLong();
    private final Manifest files;

    FilesInsideStateMachine(GroupId group) {
        files = new Manifest(group);
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        StoppedBefore stop = files.stopped();
        if (stop != null) {
            return CompletableFuture.failedFuture(new IllegalStateException(stop.sentence()));
        }
        LogEntryProto entry = transaction.getLogEntry();
        ByteString data = entry.getStateMachineLogEntry().getLogData();
        Message reply;
        if (data.byteAt(0) == FILES) {
            ApplyOutcome outcome =
                    files.apply(entry.getIndex(), data.substring(1).asReadOnlyByteBuffer());
            if (outcome instanceof ApplyOutcome.Stopped stopped) {
                // An entry of a newer build: nothing behind it may be applied before this node is upgraded.
                return CompletableFuture.failedFuture(
                        new IllegalStateException(stopped.reason().sentence()));
            }
            reply = Message.valueOf(((ApplyOutcome.Applied) outcome).reply());
        } else {
            reply = Message.valueOf(Long.toString(counter.incrementAndGet()));
            files.advanceTo(entry.getIndex());
        }
        updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
        return CompletableFuture.completedFuture(reply);
    }

    /** Ratis' own entries are neither's; behind an entry that stopped the manifest they do not count either. */
    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        if (files.stopped() == null) {
            files.advanceTo(index);
            updateLastAppliedTermIndex(term, index);
        }
    }

    /** One snapshot has both; to be called between two entries. */
    void writeSnapshot(OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        data.writeLong(counter.get());
        files.writeSnapshot(data);
    }

    void loadSnapshot(InputStream in) throws IOException {
        counter.set(new DataInputStream(in).readLong());
        files.loadSnapshot(in);
    }

    Manifest files() {
        return files;
    }

    long counter() {
        return counter.get();
    }
}
