package io.filereplication.client;

import io.filereplication.GroupId;
import io.filereplication.manifest.ApplyOutcome;
import io.filereplication.manifest.InvalidProposalException;
import io.filereplication.manifest.Manifest;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** A log of one node that answers, fails and forgets as the test wants; what it takes is applied to {@link #manifest} at once. */
final class ScriptedLog implements ManifestTransport {
    /** How the log treats the next proposal. */
    enum Fate {
        ANSWERED,
        LOST_BEFORE,
        LOST_AFTER,
        NEVER_ANSWERED,
        REFUSED
    }

    final Manifest manifest = new Manifest(GroupId.of("02511d47-d67c-49a3-9011-abb3109a44c1"));
    final Deque<Fate> fates = new ArrayDeque<>();
    /** What the next questions are answered, whenever that is completed; without one nobody is there. */
    final Deque<CompletableFuture<ByteString>> nextAnswers = new ArrayDeque<>();

    final List<Integer> entries = new ArrayList<>();
    Fate otherwise = Fate.ANSWERED;
    boolean closed;
    int asked;

    @Override
    public CompletableFuture<ByteString> propose(ByteString entry) {
        Fate fate = fates.isEmpty() ? otherwise : fates.remove();
        if (fate == Fate.REFUSED) {
            return CompletableFuture.failedFuture(
                    new CompletionException(new IOException(new InvalidProposalException("no"))));
        }
        if (fate == Fate.NEVER_ANSWERED) {
            return new CompletableFuture<>();
        }
        if (fate == Fate.LOST_BEFORE) {
            return CompletableFuture.failedFuture(new IOException("lost on purpose"));
        }
        entries.add(entry.size());
        ApplyOutcome outcome = manifest.apply(manifest.appliedIndex() + 1, entry);
        return fate == Fate.LOST_AFTER
                ? CompletableFuture.failedFuture(new IOException("lost on purpose"))
                : CompletableFuture.completedFuture(((ApplyOutcome.Applied) outcome).reply());
    }

    @Override
    public CompletableFuture<ByteString> ask(ByteString query) {
        asked++;
        CompletableFuture<ByteString> next = nextAnswers.poll();
        return next != null ? next : CompletableFuture.failedFuture(new IOException("nobody there"));
    }

    @Override
    public void close() {
        closed = true;
    }
}
