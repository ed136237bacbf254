package io.filereplication.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.Attributes;
import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import io.filereplication.client.ScriptedLog.Fate;
import io.filereplication.manifest.BatchResult;
import io.filereplication.manifest.Operation;
import io.filereplication.manifest.OperationResult;
import io.filereplication.manifest.OperationStatus;
import io.filereplication.manifest.Proposals;
import io.filereplication.manifest.Queries;
import io.filereplication.manifest.QueryAnswers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

/** A client before a log that answers, fails and forgets as the test wants, over virtual time. */
class ManifestClientTest {
    private static final ManifestClientSettings SETTINGS = new ManifestClientSettings(
            100, 1 << 20, 10, 64 * 1024, Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofSeconds(2));

    private final VirtualScheduler time = new VirtualScheduler();
    private final ScriptedLog log = new ScriptedLog();
    private final ManifestClient client = new ManifestClient(log, log.manifest, new Random(1), time, SETTINGS);

    private static Operation register(String path) {
        byte[] text = path.getBytes(StandardCharsets.UTF_8);
        return Operation.register(new Operation.Content(
                FilePath.of(path),
                Sha256.of(Sha256.newDigest().digest(text)),
                text.length,
                NodeId.of("n1"),
                Instant.ofEpochMilli(1),
                Attributes.NONE));
    }

    private static Throwable failure(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        return org.assertj.core.api.Assertions.catchThrowable(future::join).getCause();
    }

    @Test
    void anIdleClientProposesAtOnceAndABusyOneFillsEntries() {
        List<CompletableFuture<OperationResult>> answers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            answers.add(client.submit(register("file-" + i)));
        }
        assertThat(log.entries).hasSize(1);
        time.runReady();
        // One, then ten, then the last five.
        assertThat(log.entries).hasSize(3);
        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.join().status()).isEqualTo(OperationStatus.REGISTERED));
        for (int i = 1; i < answers.size(); i++) {
            assertThat(answers.get(i).join().lsn())
                    .isGreaterThan(answers.get(i - 1).join().lsn());
        }
        assertThat(client.pendingOperations()).isZero();
        assertThat(time.timers()).isZero();
    }

    /** Lesson 8: what failed is proposed again until it is answered. */
    @Test
    void aLostProposalIsRepeated() {
        log.fates.addAll(List.of(Fate.LOST_BEFORE, Fate.LOST_BEFORE));
        CompletableFuture<OperationResult> answer = client.submit(register("a"));
        time.pass(Duration.ofSeconds(1));
        assertThat(answer.join().status()).isEqualTo(OperationStatus.REGISTERED);
        assertThat(log.manifest.count()).isEqualTo(1);
    }

    /** Lesson 36: the reply was lost, so the first answer comes from memory. */
    @Test
    void aProposalWhoseReplyWasLostIsNotDoneTwice() {
        log.fates.add(Fate.LOST_AFTER);
        CompletableFuture<OperationResult> answer = client.submit(register("a"));
        time.pass(Duration.ofSeconds(1));
        assertThat(answer.join().status()).isEqualTo(OperationStatus.REGISTERED);
        assertThat(answer.join().lsn().index()).isZero();
        assertThat(log.manifest.statistics().batchesRepeated()).isEqualTo(1);
    }

    @Test
    void anAnswerIsTakenLaterWhenNoWorkerHasRoomForIt() {
        time.full = true;
        CompletableFuture<OperationResult> first = client.submit(register("a"));
        CompletableFuture<OperationResult> second = client.submit(register("b"));
        time.pass(Duration.ofSeconds(1));
        assertThat(first).isNotDone();

        time.full = false;
        time.pass(Duration.ofSeconds(1));

        assertThat(first.join().status()).isEqualTo(OperationStatus.REGISTERED);
        assertThat(second.join().status()).isEqualTo(OperationStatus.REGISTERED);
    }

    @Test
    void aCallEndsAndLaterOnesGoOnWhenNoWorkerHadRoomForItsEnd() {
        log.fates.add(Fate.NEVER_ANSWERED);
        CompletableFuture<OperationResult> first = client.submit(register("a"));
        CompletableFuture<OperationResult> second = client.submit(register("b"));
        time.pass(Duration.ofSeconds(29));
        time.full = true;
        time.pass(Duration.ofMillis(1_500));
        time.full = false;
        time.pass(Duration.ofSeconds(1));

        assertThat(failure(first)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(failure(second)).isInstanceOf(NotProposedException.class);
        assertThat(client.pendingOperations()).isZero();
        CompletableFuture<OperationResult> third = client.submit(register("c"));
        time.runReady();
        assertThat(third.join().status()).isEqualTo(OperationStatus.REGISTERED);
    }

    @Test
    void orderIsKeptThroughFailures() {
        log.fates.addAll(List.of(Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.LOST_BEFORE));
        CompletableFuture<OperationResult> first = client.submit(register("a"));
        CompletableFuture<OperationResult> second = client.submit(Operation.delete(FilePath.of("a"), "test"));
        time.pass(Duration.ofSeconds(5));
        assertThat(first.join().status()).isEqualTo(OperationStatus.REGISTERED);
        assertThat(second.join().status()).isEqualTo(OperationStatus.DELETED);
    }

    /** Lesson 8: what never gets an answer reaches the caller as a typed failure with the id. */
    @Test
    void aCallEndsAsUnknownAfterItsTimeAndLaterOnesGoOn() {
        log.otherwise = Fate.NEVER_ANSWERED;
        CompletableFuture<OperationResult> first = client.submit(register("a"));
        time.pass(Duration.ofSeconds(20));
        CompletableFuture<OperationResult> second = client.submit(register("b"));
        time.pass(Duration.ofSeconds(9));
        assertThat(first).isNotDone();
        log.otherwise = Fate.ANSWERED;
        time.pass(Duration.ofSeconds(2));

        assertThat(failure(first))
                .isInstanceOfSatisfying(
                        OutcomeUnknownException.class,
                        e -> assertThat(e.getMessage()).contains(e.operationId().toString()));
        assertThat(second.join().status()).isEqualTo(OperationStatus.REGISTERED);
    }

    @Test
    void callsOfOneEntryEndEachAtItsOwnTime() {
        log.otherwise = Fate.LOST_BEFORE;
        CompletableFuture<OperationResult> blocker = client.submit(register("x"));
        CompletableFuture<OperationResult> early = client.submit(register("a"));
        time.pass(Duration.ofSeconds(25));
        CompletableFuture<OperationResult> late = client.submit(register("b"));
        time.pass(Duration.ofSeconds(6));
        assertThat(failure(blocker)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(failure(early)).isInstanceOf(NotProposedException.class);
        assertThat(late).isNotDone();
        log.otherwise = Fate.ANSWERED;
        time.pass(Duration.ofSeconds(3));
        assertThat(late.join().status()).isEqualTo(OperationStatus.REGISTERED);
    }

    @Test
    void aRefusalIsTypedAndFinal() {
        log.fates.add(Fate.REFUSED);
        assertThat(failureOf(client.submit(register("a")))).isInstanceOf(ProposalRefusedException.class);
        // After a try without an answer a refusal proves nothing.
        log.fates.addAll(List.of(Fate.LOST_AFTER, Fate.REFUSED));
        CompletableFuture<OperationResult> unsure = client.submit(register("b"));
        time.pass(Duration.ofSeconds(5));
        assertThat(unsure.join().status()).isEqualTo(OperationStatus.REGISTERED);
    }

    private Throwable failureOf(CompletableFuture<?> future) {
        time.runReady();
        return failure(future);
    }

    @Test
    void refusesWhatMemoryHasNoRoomFor() throws Exception {
        log.otherwise = Fate.NEVER_ANSWERED;
        for (int i = 0; i < 100; i++) {
            assertThat(client.submit(register("file-" + i))).isNotDone();
        }
        assertThat(failure(client.submit(register("more")))).isInstanceOf(TooManyPendingException.class);
        log.otherwise = Fate.ANSWERED;
        time.pass(Duration.ofSeconds(31));
        assertThat(client.submitWhenRoom(register("now"))).isNotDone();
    }

    @Test
    void aBatchThatFitsIntoNoEntryIsAnErrorOfTheCaller() {
        assertThatThrownBy(() -> client.submit(java.util.Collections.nCopies(11, register("a"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> client.submit(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRefusedBatchIsAnAnswer() {
        CompletableFuture<BatchResult> answer = client.submit(List.of(register("a"), register("a/b")));
        time.runReady();
        assertThat(answer.join().verdict()).isEqualTo(BatchResult.Verdict.REFUSED);
    }

    @Test
    void withoutAManifestOfItsOwnAndWithoutTheGroupNothingIsProposed() {
        ManifestClient remote = new ManifestClient(log, null, new Random(2), time, SETTINGS);
        CompletableFuture<OperationResult> answer = remote.submit(register("a"));
        time.pass(Duration.ofSeconds(31));
        assertThat(failure(answer)).isInstanceOf(NotProposedException.class);
        assertThat(log.entries).isEmpty();
        assertThat(log.asked).isGreaterThan(3);
    }

    /** Lessons 8 and 34: whoever is told that nothing was proposed may throw away what it was about. */
    @Test
    void nothingIsProposedAfterACallWasToldSo() {
        ManifestClient remote = new ManifestClient(log, null, new Random(2), time, SETTINGS);
        CompletableFuture<ByteString> index = new CompletableFuture<>();
        log.nextAnswers.add(index);
        CompletableFuture<OperationResult> answer = remote.submit(register("a"));
        time.pass(Duration.ofSeconds(31));
        assertThat(failure(answer)).isInstanceOf(NotProposedException.class);

        index.complete(QueryAnswers.summary(log.manifest));
        time.pass(Duration.ofSeconds(5));

        assertThat(log.entries).isEmpty();
        assertThat(remote.pendingOperations()).isZero();
    }

    /** The same while the client closes. */
    @Test
    void nothingIsProposedAfterTheClientWasClosed() {
        ManifestClient remote = new ManifestClient(log, null, new Random(2), time, SETTINGS);
        CompletableFuture<ByteString> index = new CompletableFuture<>();
        log.nextAnswers.add(index);
        CompletableFuture<OperationResult> answer = remote.submit(register("a"));
        remote.close();
        assertThat(failure(answer)).isInstanceOf(NotProposedException.class);

        index.complete(QueryAnswers.summary(log.manifest));
        time.pass(Duration.ofSeconds(5));

        assertThat(log.entries).isEmpty();
    }

    /** Its entry goes on for others, and with it the call. */
    @Test
    void aCallWhoseTimeIsOverBeforeItsEntryIsProposedIsUnknownWhenTheEntryGoesOn() {
        ManifestClient remote = new ManifestClient(log, null, new Random(2), time, SETTINGS);
        log.nextAnswers.add(new CompletableFuture<>());
        CompletableFuture<OperationResult> blocker = remote.submit(register("x"));
        time.pass(Duration.ofSeconds(1));
        CompletableFuture<OperationResult> early = remote.submit(register("a"));
        time.pass(Duration.ofSeconds(28));
        CompletableFuture<OperationResult> late = remote.submit(register("b"));
        CompletableFuture<ByteString> index = new CompletableFuture<>();
        log.nextAnswers.add(index);
        time.pass(Duration.ofSeconds(3));
        assertThat(failure(blocker)).isInstanceOf(NotProposedException.class);
        assertThat(failure(early)).isInstanceOf(OutcomeUnknownException.class);

        index.complete(QueryAnswers.summary(log.manifest));
        time.pass(Duration.ofSeconds(1));

        assertThat(late.join().status()).isEqualTo(OperationStatus.REGISTERED);
        assertThat(log.manifest.get(FilePath.of("a"))).isNotNull();
    }

    @Test
    void closingEndsEveryCall() {
        log.otherwise = Fate.NEVER_ANSWERED;
        CompletableFuture<OperationResult> inFlight = client.submit(register("a"));
        CompletableFuture<OperationResult> waiting = client.submit(register("b"));
        client.close();
        client.close();
        assertThat(failure(inFlight)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(failure(waiting)).isInstanceOf(NotProposedException.class);
        assertThat(failure(client.submit(register("c")))).isInstanceOf(NotProposedException.class);
        assertThat(log.closed).isTrue();
    }

    @Test
    void theSizeOfAnEntryIsNeverUnderestimated() {
        for (int length : new int[] {1, 50, 200}) {
            Operation operation = register("p".repeat(length));
            int encoded = Proposals.encode(List.of(new Proposals.Batch(
                            new io.filereplication.manifest.OperationId(-1, -1), 1L << 60, List.of(operation))))
                    .size();
            assertThat(encoded)
                    .isLessThanOrEqualTo(Proposals.BATCH_OVERHEAD_BYTES + Proposals.maxEncodedBytes(operation));
        }
        assertThat(Queries.summary()).isNotNull();
    }
}
