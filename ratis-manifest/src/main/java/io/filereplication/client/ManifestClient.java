package io.filereplication.client;

import io.filereplication.FilePath;
import io.filereplication.ManifestView;
import io.filereplication.manifest.BatchResult;
import io.filereplication.manifest.InvalidProposalException;
import io.filereplication.manifest.Operation;
import io.filereplication.manifest.OperationId;
import io.filereplication.manifest.OperationResult;
import io.filereplication.manifest.Proposals;
import io.filereplication.manifest.Queries;
import io.filereplication.time.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proposes operations to a group's manifest, from any node, and gives each its answer.
 *
 * <p><b>Batching:</b> one log entry is in flight at a time, and what is submitted meanwhile goes together into the next. So
 * an idle client adds no delay, a busy one fills its entries, and operations are applied in the order in which they were
 * submitted, whatever fails on the way.
 *
 * <p><b>Exactly once:</b> an entry that got no answer is proposed again, unchanged; the manifest knows each call by its id. A
 * call ends after {@link ManifestClientSettings#timeout} at the latest: as {@link OutcomeUnknownException} if it was, or
 * may yet be, proposed, else as {@link NotProposedException}.
 *
 * <p><b>Threads:</b> thread-safe. Nothing blocks except {@link #submitWhenRoom}. Answers are completed on the scheduler's
 * workers, so what depends on them should not block for long.
 *
 * <p><b>Durability:</b> an accepted operation is in the log of a majority.
 */
public final class ManifestClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestClient.class);
    /** Calls of one entry whose deadlines are this close, as a part of the timeout, are ended together. */
    private static final int EXPIRY_STEPS = 100;

    private final ManifestTransport transport;
    private final @Nullable ManifestView local;
    private final RandomGenerator ids;
    private final Scheduler scheduler;
    private final ManifestClientSettings settings;
    private final PendingCalls pending;
    private final AtomicLong lastIndex = new AtomicLong(-1);
    private final Object lock = new Object();
    private @Nullable EntryInFlight inFlight;
    private boolean closed;

    /**
     * A client over {@code transport}, which it closes.
     *
     * @param local this node's manifest, or null away from a node: then each entry begins with a linearizable read
     * @param ids cryptographically strong, because a repeated id would be taken for a repetition
     */
    public ManifestClient(
            ManifestTransport transport,
            @Nullable ManifestView local,
            RandomGenerator ids,
            Scheduler scheduler,
            ManifestClientSettings settings) {
        this.transport = transport;
        this.local = local;
        this.ids = ids;
        this.scheduler = scheduler;
        this.settings = settings;
        this.pending = new PendingCalls(settings);
    }

    /**
     * Proposes one operation. A lost race is an answer; a failure is a {@link ManifestClientException}, here {@link
     * TooManyPendingException} when there is no room.
     */
    public CompletableFuture<OperationResult> submit(Operation operation) {
        return submit(List.of(operation)).thenApply(ManifestClient::single);
    }

    /** Proposes a batch: all of its operations are done, or none. */
    public CompletableFuture<BatchResult> submit(List<Operation> operations) {
        try {
            Call call = newCall(operations);
            pending.add(call);
            proposeNext();
            return call.answer();
        } catch (ManifestClientException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Like {@link #submit(Operation)}, but blocks the caller while there is no room. */
    public CompletableFuture<OperationResult> submitWhenRoom(Operation operation) throws InterruptedException {
        return submitWhenRoom(List.of(operation)).thenApply(ManifestClient::single);
    }

    /** Like {@link #submit(List)}, but blocks the caller while there is no room. */
    public CompletableFuture<BatchResult> submitWhenRoom(List<Operation> operations) throws InterruptedException {
        try {
            Call call = newCall(operations);
            pending.addWhenRoom(call);
            proposeNext();
            return call.answer();
        } catch (ManifestClientException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static OperationResult single(BatchResult result) {
        return result.operations().get(0);
    }

    private Call newCall(List<Operation> operations) {
        List<Operation> copy = List.copyOf(operations);
        int bytes = Call.bytesOf(copy);
        boolean fits =
                !copy.isEmpty() && copy.size() <= settings.maxEntryOperations() && bytes <= settings.maxEntryBytes();
        if (!fits) {
            throw new IllegalArgumentException("A batch of " + copy.size() + " operations and " + bytes
                    + " bytes; allowed are 1 to " + settings.maxEntryOperations() + " and " + settings.maxEntryBytes());
        }
        long deadline = scheduler.nanoTime() + settings.timeout().toNanos();
        return new Call(OperationId.random(ids), copy, bytes, deadline, new CompletableFuture<>());
    }

    /** The leader's entry for {@code path} and everything committed before this call. */
    public CompletableFuture<Queries.Answer> find(FilePath path) {
        return ask(Queries.path(path));
    }

    /** A linearizable page; see {@link io.filereplication.manifest.Manifest#page(String, FilePath, int)}. */
    public CompletableFuture<Queries.Answer> page(String prefix, @Nullable FilePath after, int limit) {
        return ask(Queries.page(prefix, after, limit));
    }

    /** A linearizable count. */
    public CompletableFuture<Queries.Answer> summary() {
        return ask(Queries.summary());
    }

    private CompletableFuture<Queries.Answer> ask(ByteString query) {
        return transport.ask(query).thenApply(Queries::decode);
    }

    /** How many operations wait or are in flight. */
    public int pendingOperations() {
        return pending.operations();
    }

    /** Begins the next entry unless one is in flight. */
    private void proposeNext() {
        List<Call> late = new ArrayList<>();
        EntryInFlight begun = null;
        synchronized (lock) {
            if (inFlight == null && !closed) {
                List<Call> calls = takeInTime(late);
                if (!calls.isEmpty()) {
                    begun = new EntryInFlight(calls);
                    inFlight = begun;
                }
            }
        }
        pending.release(late);
        for (Call call : late) {
            call.answer()
                    .completeExceptionally(new NotProposedException("No answer to earlier calls came within "
                            + settings.timeout().toMillis() + " ms"));
        }
        if (begun != null) {
            begun.start();
        }
    }

    private List<Call> takeInTime(List<Call> late) {
        while (true) {
            List<Call> taken = pending.nextEntry();
            List<Call> inTime = new ArrayList<>(taken.size());
            long now = scheduler.nanoTime();
            for (Call call : taken) {
                (call.deadlineNanos() - now > 0 ? inTime : late).add(call);
            }
            if (taken.isEmpty() || !inTime.isEmpty()) {
                return inTime;
            }
        }
    }

    /** Ends what is in flight as unknown and what waits as not proposed, and closes the transport. Idempotent. */
    @Override
    public void close() {
        EntryInFlight last;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            last = inFlight;
        }
        for (Call call : pending.close()) {
            call.answer().completeExceptionally(new NotProposedException("The client was closed"));
        }
        if (last != null) {
            last.giveUp("the client was closed");
        }
        transport.close();
    }

    @Override
    public String toString() {
        return "manifest client with " + pending.operations() + " operations pending";
    }

    /** One log entry from its first proposal to its answer. Whoever ends it first, an answer or the deadline, wins. */
    private final class EntryInFlight {
        private final List<Call> calls;
        private Duration pause = settings.firstPause();
        private volatile @Nullable ByteString bytes;
        private volatile @Nullable Throwable lastFailure;
        private volatile boolean ended;
        /** Whether the transport was ever given the entry; guarded by {@code lock}, and final once the entry has ended. */
        private boolean sent;

        private volatile Scheduler.@Nullable Cancellable expiry;

        EntryInFlight(List<Call> calls) {
            this.calls = calls;
        }

        void start() {
            scheduleExpiry(calls.get(0), Duration.ZERO);
            propose();
        }

        private void scheduleExpiry(Call next, Duration atLeast) {
            Duration left = Duration.ofNanos(Math.max(0, next.deadlineNanos() - scheduler.nanoTime()));
            expiry = scheduler.schedule(
                    left.compareTo(atLeast) > 0 ? left : atLeast, () -> scheduler.executeSoon(this::expire));
        }

        private void propose() {
            if (ended) {
                return;
            }
            CompletableFuture<ByteString> reply;
            try {
                ByteString encoded = bytes;
                reply = encoded != null ? send(encoded) : encode().thenCompose(this::send);
            } catch (RuntimeException e) {
                reply = CompletableFuture.failedFuture(e);
            }
            var unused = reply.whenComplete((answer, failure) -> scheduler.executeSoon(() -> {
                if (failure == null) {
                    answered(answer);
                } else {
                    failed(failure);
                }
            }));
        }

        /** Once the calls were told that nothing was proposed, nothing is. */
        private CompletableFuture<ByteString> send(ByteString encoded) {
            synchronized (lock) {
                if (ended) {
                    return CompletableFuture.failedFuture(new NotProposedException("The entry has ended"));
                }
                sent = true;
            }
            return transport.propose(encoded);
        }

        /** The entry's bytes, with an index that is known to be applied before it is proposed first. */
        private CompletableFuture<ByteString> encode() {
            CompletableFuture<Long> known = local != null
                    ? CompletableFuture.completedFuture(local.appliedIndex())
                    : summary().thenApply(Queries.Answer::appliedIndex);
            return known.thenApply(index -> {
                long newest = Math.max(index, lastIndex.get());
                List<Proposals.Batch> batches = new ArrayList<>(calls.size());
                for (Call call : calls) {
                    batches.add(new Proposals.Batch(call.id(), newest, call.operations()));
                }
                ByteString encoded = Proposals.encode(batches);
                bytes = encoded;
                return encoded;
            });
        }

        private void answered(ByteString reply) {
            List<BatchResult> results;
            try {
                results = Proposals.decodeReply(reply, calls.size());
            } catch (IllegalArgumentException e) {
                failed(e);
                return;
            }
            if (!end()) {
                return;
            }
            for (BatchResult result : results) {
                lastIndex.accumulateAndGet(result.logIndex(), Math::max);
            }
            proposeNext();
            for (int i = 0; i < results.size(); i++) {
                answer(calls.get(i), results.get(i));
            }
        }

        private void answer(Call call, BatchResult result) {
            switch (result.verdict()) {
                case APPLIED, REFUSED -> call.answer().complete(result);
                case EXPIRED -> unknown(call, "the manifest may have forgotten its answer");
                case UNREADABLE ->
                    call.answer()
                            .completeExceptionally(
                                    new ProposalRefusedException("The manifest does not read this format", null));
            }
        }

        private void failed(Throwable failure) {
            InvalidProposalException refusal = refusalIn(failure);
            // Refused after an earlier try without an answer is no proof that the earlier one was refused too.
            if (refusal != null && lastFailure == null) {
                if (end()) {
                    proposeNext();
                    String why = String.valueOf(refusal.getMessage());
                    calls.forEach(
                            call -> call.answer().completeExceptionally(new ProposalRefusedException(why, refusal)));
                }
                return;
            }
            lastFailure = failure;
            if (ended) {
                return;
            }
            LOG.debug("A log entry of {} calls got no answer, it is proposed again", calls.size(), failure);
            Duration wait = pause;
            Duration doubled = pause.multipliedBy(2);
            pause = doubled.compareTo(settings.longestPause()) < 0 ? doubled : settings.longestPause();
            scheduler.schedule(wait, () -> scheduler.executeSoon(this::propose));
        }

        /**
         * Answers the calls whose time is over. The entry goes on for the others, and with it those calls: even if it was not
         * proposed yet, what becomes of them is unknown.
         */
        private void expire() {
            String why = "no answer came within " + settings.timeout().toMillis() + " ms";
            long now = scheduler.nanoTime();
            int late = 0;
            while (late < calls.size() && calls.get(late).deadlineNanos() - now <= 0) {
                late++;
            }
            if (late == calls.size()) {
                giveUp(why);
                proposeNext();
                return;
            }
            calls.subList(0, late).forEach(call -> unknown(call, why));
            if (!ended) {
                scheduleExpiry(calls.get(late), settings.timeout().dividedBy(EXPIRY_STEPS));
            }
        }

        private void giveUp(String why) {
            if (!end()) {
                return;
            }
            boolean wasSent;
            synchronized (lock) {
                wasSent = sent;
            }
            for (Call call : calls) {
                if (wasSent) {
                    unknown(call, why);
                } else {
                    call.answer()
                            .completeExceptionally(new NotProposedException("The group could not be reached: " + why));
                }
            }
        }

        private void unknown(Call call, String why) {
            call.answer().completeExceptionally(new OutcomeUnknownException(call.id(), why, lastFailure));
        }

        /** Whether this call ended the entry. */
        private boolean end() {
            synchronized (lock) {
                if (inFlight != this) {
                    return false;
                }
                inFlight = null;
                ended = true;
            }
            Scheduler.Cancellable timer = expiry;
            if (timer != null) {
                timer.cancel();
            }
            pending.release(calls);
            return true;
        }
    }

    private static @Nullable InvalidProposalException refusalIn(Throwable failure) {
        int depth = 0;
        for (Throwable cause = failure; cause != null && depth < 10; cause = cause.getCause()) {
            if (cause instanceof InvalidProposalException refusal) {
                return refusal;
            }
            depth++;
        }
        return null;
    }
}
