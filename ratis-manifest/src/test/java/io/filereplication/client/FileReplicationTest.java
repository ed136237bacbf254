package io.filereplication.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import io.filereplication.client.ScriptedLog.Fate;
import io.filereplication.manifest.Operation;
import io.filereplication.manifest.OperationStatus;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.MemoryStorage;
import io.filereplication.storage.OpenFile;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageException;
import io.filereplication.storage.TooManyPutsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of one node: what becomes of a put however its registration ends, and of a file that is registered where it lies. */
final class FileReplicationTest {
    private static final FilePath A = FilePath.of("d/a");
    private static final byte[] BYTES = "put here".getBytes(StandardCharsets.UTF_8);
    /** How long a call waits for its answer. */
    private static final Duration CALL = Duration.ofSeconds(30);

    @TempDir
    Path outside;

    private OneNodesFiles node;

    @BeforeEach
    void open() throws Exception {
        node = new OneNodesFiles();
    }

    @AfterEach
    void close() {
        node.close();
    }

    private CompletableFuture<FileEntry> put(FilePath path, byte[] bytes) throws IOException {
        Path source = Files.write(outside.resolve("source"), bytes);
        CompletableFuture<FileEntry> done = node.files.putAsync(path, source, Attributes.NONE);
        node.time.runReady();
        return done;
    }

    /** Another node registers {@code text} for {@code path}. */
    private void registerElsewhere(FilePath path, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var unused = node.files.batch(List.of(Operation.register(new Operation.Content(
                path,
                Sha256.of(Sha256.newDigest().digest(bytes)),
                bytes.length,
                NodeId.of("n2"),
                Instant.EPOCH,
                Attributes.NONE))));
        node.time.runReady();
    }

    private static Throwable failure(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        return catchThrowable(future::join).getCause();
    }

    @Test
    void aPutEndsWhenItIsRegisteredAndPublishedHere() throws Exception {
        node.startPulling();

        FileEntry entry = put(A, BYTES).join();

        assertThat(entry.path()).isEqualTo(A);
        assertThat(entry.originNodeId()).isEqualTo(OneNodesFiles.SELF);
        assertThat(node.files.stat(A)).isEqualTo(entry);
        assertThat(node.published(A)).isEqualTo(BYTES);
        assertThat(node.puts()).isEmpty();
        try (OpenFile open = node.files.open(A)) {
            ByteBuffer read = ByteBuffer.allocate(BYTES.length);
            assertThat(open.read(read, 0)).isEqualTo(BYTES.length);
            assertThat(read.array()).isEqualTo(BYTES);
        }
        assertThat(node.files.list("d/", null, 10)).containsExactly(entry);
        CompletableFuture<FileEntry> here = node.files.awaitLocal(A, Duration.ofDays(1));
        node.time.runReady();
        assertThat(here).isCompletedWithValue(entry);
    }

    @Test
    void aPutsOwnBytesArePublishedNotACopyOfThem() throws Exception {
        CompletableFuture<FileEntry> unused = put(A, BYTES);
        FileEntry registered = node.files.stat(A);

        try (StagedFile staged = node.local.stage(registered)) {
            assertThat(staged.length()).isEqualTo(BYTES.length);
            assertThat(node.storage.ownNames(Area.STAGED)).isEmpty();
        }
    }

    /** It is registered, and nobody can say when it is published; its bytes are nobody's once something else is registered. */
    @Test
    void aPutForWhichTooManyWaitHoldsNothing() throws Exception {
        for (int i = 0; i < 16_384; i++) {
            var unused = node.puller.awaitLocal(FilePath.of("waited/for-" + i), new Lsn(0, 0));
        }
        assertThat(failure(put(A, BYTES)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("wait");
        assertThat(node.files.stat(A)).isNotNull();
        assertThat(node.puts()).as("bytes, and what they are").hasSize(2);
        registerElsewhere(A, "of another node");
        node.startPulling();

        node.time.pass(ManifestView.LONGEST_PROPOSAL.plus(Duration.ofMinutes(10)));

        assertThat(node.puts()).isEmpty();
    }

    /** The same content again: nobody hears of it anew, and the put ends all the same. */
    @Test
    void aPutOfWhatIsRegisteredAlreadyEnds() throws Exception {
        node.startPulling();
        FileEntry first = put(A, BYTES).join();

        FileEntry again = put(A, BYTES).join();

        assertThat(again.version()).isEqualTo(first.version());
        assertThat(node.puts()).isEmpty();
    }

    /** The source may grow between being sized and being copied. */
    @Test
    void whatIsCopiedAtATimeIsNeverAFewBytes() {
        assertThat(List.of(0L, 1L, 10_000L, 1L << 40).stream().map(Put::copyBytes))
                .containsExactly(1 << 20, 8 << 10, 10_000, 1 << 20);
    }

    @Test
    void aPutWithoutASourceFails() {
        CompletableFuture<FileEntry> done = node.files.putAsync(A, outside.resolve("nothing"), Attributes.NONE);
        node.time.runReady();

        assertThat(failure(done)).isInstanceOf(NoSuchFileException.class);
        assertThat(node.puts()).isEmpty();
    }

    /** Lesson 34: what the manifest refuses leaves no bytes, and what is registered stays. */
    @Test
    void aRefusedPutDropsItsBytes() throws Exception {
        node.startPulling();
        put(A, BYTES).join();

        CompletableFuture<FileEntry> below = put(FilePath.of("d/a/b"), new byte[3]);

        assertThat(failure(below))
                .isInstanceOfSatisfying(
                        RegistrationRefusedException.class,
                        e -> assertThat(e.status()).isEqualTo(OperationStatus.PATH_CONFLICT));
        node.log.fates.add(Fate.REFUSED);
        assertThat(failure(put(A, new byte[3]))).isInstanceOf(ProposalRefusedException.class);
        assertThat(node.puts()).isEmpty();
        assertThat(node.published(A)).isEqualTo(BYTES);
    }

    /** Lessons 8 and 34: without an answer the bytes stay until a barrier, not a look at an old manifest, shows what became of it. */
    @Test
    void aPutWithoutAnAnswerKeepsItsBytesUntilABarrierShowsThatItWasNotRegistered() throws Exception {
        node.log.otherwise = Fate.NEVER_ANSWERED;
        CompletableFuture<FileEntry> done = put(A, BYTES);
        node.time.pass(CALL);
        assertThat(failure(done)).isInstanceOf(OutcomeUnknownException.class);
        node.barriers.add(CompletableFuture.failedFuture(new TimeoutException("no leader")));
        node.barriers.add(CompletableFuture.failedFuture(new TimeoutException("no leader")));

        node.time.pass(ManifestView.LONGEST_PROPOSAL.minusSeconds(1));
        assertThat(node.barriersAsked).isZero();
        assertThat(node.puts()).hasSize(2);
        node.time.pass(Duration.ofSeconds(1));
        assertThat(node.barriersAsked).isEqualTo(1);
        assertThat(node.puts()).as("a barrier that failed proves nothing").hasSize(2);
        node.time.pass(Duration.ofSeconds(1));
        assertThat(node.barriersAsked).isEqualTo(2);
        assertThat(node.puts()).hasSize(2);
        node.time.pass(Duration.ofSeconds(1));

        assertThat(node.barriersAsked).isEqualTo(3);
        assertThat(node.puts()).isEmpty();
        node.time.pass(Duration.ofMinutes(10));
        assertThat(node.barriersAsked).isEqualTo(3);
    }

    /** Lesson 8: the answers were lost, but the log has it: it is published from the put's bytes, which are the only ones. */
    @Test
    void aPutWhoseAnswersWereLostIsPublishedFromItsBytes() throws Exception {
        node.log.otherwise = Fate.LOST_AFTER;
        CompletableFuture<FileEntry> done = put(A, BYTES);
        node.time.pass(CALL);
        assertThat(failure(done)).isInstanceOf(OutcomeUnknownException.class);
        node.time.pass(ManifestView.LONGEST_PROPOSAL.plusSeconds(1));
        assertThat(node.puts()).as("registered, and not published here yet").hasSize(2);

        node.startPulling();

        assertThat(node.published(A)).isEqualTo(BYTES);
        assertThat(node.puts()).isEmpty();
    }

    /** Lesson 34: a process that is gone cannot say whether it was registered; the next one finds the bytes and the manifest. */
    @Test
    void whatAnEarlierProcessPutIsPublishedByTheNext() throws Exception {
        assertThat(put(A, BYTES)).isNotDone();
        assertThat(node.log.manifest.get(A)).isNotNull();
        assertThat(node.published(A)).isNull();
        node.puller.close();
        OneNodesFiles before = node;
        node = new OneNodesFiles(before.storage.kill());
        registerAsBefore(before);

        node.startPulling();

        assertThat(node.published(A)).isEqualTo(BYTES);
        assertThat(node.puts()).isEmpty();
    }

    private void registerAsBefore(OneNodesFiles before) {
        FileEntry entry = before.log.manifest.get(A);
        var unused = node.files.batch(List.of(Operation.register(new Operation.Content(
                A, entry.sha256(), entry.sizeBytes(), entry.originNodeId(), entry.createdAt(), Attributes.NONE))));
        node.time.runReady();
    }

    @Test
    void aPutThatIsReplacedBeforeItWasPublishedEndsAndDropsItsBytes() throws Exception {
        CompletableFuture<FileEntry> done = put(A, BYTES);
        assertThat(done).isNotDone();
        assertThat(node.puts()).hasSize(2);

        registerElsewhere(A, "newer");
        node.time.pass(Duration.ofSeconds(1));

        assertThat(done.join().sizeBytes()).isEqualTo(BYTES.length);
        assertThat(node.puts()).isEmpty();
    }

    @Test
    void aPutEndsAlsoWhenNoWorkerHasRoomForItsEnd() throws Exception {
        CompletableFuture<FileEntry> done = put(A, BYTES);
        registerElsewhere(A, "newer");
        node.time.full = true;
        node.time.pass(Duration.ofSeconds(1));
        assertThat(done).isNotDone();

        node.time.full = false;
        node.time.pass(Duration.ofSeconds(1));

        assertThat(done).isCompleted();
        assertThat(node.puts()).isEmpty();
    }

    @Test
    void refusesMorePutsThanMayWaitForTheirRegistration() throws Exception {
        node.log.otherwise = Fate.NEVER_ANSWERED;
        List<CompletableFuture<FileEntry>> waiting = new ArrayList<>();
        for (int i = 0; i < LocalFiles.DEFAULT_MAX_PUTS; i++) {
            waiting.add(put(FilePath.of("p" + i), BYTES));
        }

        assertThat(failure(put(A, BYTES))).isInstanceOf(TooManyPutsException.class);
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
    }

    @Test
    void aFileInPlaceIsRegisteredWithoutBeingCopied() throws Exception {
        node.startPulling();
        node.storage.placeForeign(A, BYTES);

        CompletableFuture<FileEntry> done = node.files.registerAsync(A, Attributes.NONE);
        node.time.runReady();

        assertThat(done.join().sha256()).isEqualTo(Sha256.of(Sha256.newDigest().digest(BYTES)));
        assertThat(node.local.records(done.join().version())).isTrue();
        assertThat(node.puts()).isEmpty();
    }

    /**
     * Lesson 31: the file is deleted, and registered anew where it lies, by a log entry that nobody hears of. Until a barrier shows what
     * became of that, these bytes may be the only ones.
     */
    @Test
    void aFileWhoseRegistrationIsUnknownIsNotRemovedBeforeABarrierShowsThatItWasNotRegistered() throws Exception {
        node.startPulling();
        node.time.pass(ManifestView.LONGEST_PROPOSAL);
        put(A, BYTES).join();
        var unused = node.files.deleteAsync(A, "test");
        node.time.runReady();
        node.log.otherwise = Fate.NEVER_ANSWERED;
        CompletableFuture<FileEntry> done = node.files.registerAsync(A, Attributes.NONE);
        node.time.pass(CALL);
        assertThat(failure(done)).isInstanceOf(OutcomeUnknownException.class);
        CompletableFuture<Long> barrier = new CompletableFuture<>();
        node.barriers.add(barrier);

        node.time.pass(ManifestView.LONGEST_PROPOSAL.multipliedBy(2));
        assertThat(node.published(A)).isEqualTo(BYTES);

        barrier.complete(node.log.manifest.appliedIndex());
        node.time.pass(ManifestView.LONGEST_PROPOSAL);
        assertThat(node.published(A)).isNull();
    }

    /** No record is made of what the filter keeps from here: the call must not wait for that. */
    @Test
    void registeringWhatAnotherNodeRegisteredAndThisOneDoesNotWantEnds() throws Exception {
        close();
        node = new OneNodesFiles(new MemoryStorage(), (path, attributes) -> false);
        node.startPulling();
        registerElsewhere(A, "put here");
        node.storage.placeForeign(A, BYTES);

        CompletableFuture<FileEntry> done = node.files.registerAsync(A, Attributes.NONE);
        node.time.pass(Duration.ofSeconds(2));

        assertThat(done.join().originNodeId()).isEqualTo(NodeId.of("n2"));
    }

    @Test
    void verifyingWhatIsNotWantedHereSaysSo() throws Exception {
        close();
        node = new OneNodesFiles(new MemoryStorage(), (path, attributes) -> false);
        registerElsewhere(A, "elsewhere");

        assertThat(node.files.verify(node.log.manifest.get(A), 0)).isEqualTo(FileReplication.Verified.UNWANTED);
    }

    /** Nothing repairs it: whoever verifies would wait for nothing. */
    @Test
    void aDamagedCopyOfWhatIsNotWantedAnyMoreIsNotCalledDamaged() throws Exception {
        close();
        AtomicBoolean wanted = new AtomicBoolean(true);
        node = new OneNodesFiles(new MemoryStorage(), (path, attributes) -> wanted.get());
        node.storage.placeForeign(A, BYTES);
        registerElsewhere(A, new String(BYTES, StandardCharsets.UTF_8));
        FileEntry entry = node.log.manifest.get(A);
        assertThat(node.files.verify(entry, 0)).isEqualTo(FileReplication.Verified.WHOLE);

        wanted.set(false);
        assertThat(node.files.verify(entry, 0)).isEqualTo(FileReplication.Verified.WHOLE);
        node.storage.rot(A, 0);

        assertThat(node.files.verify(entry, 0)).isEqualTo(FileReplication.Verified.UNWANTED);
        assertThat(node.local.records(entry.version())).isFalse();
    }

    /** Asked again it says the same: that the record is not believed any more does not make the file go away. */
    @ParameterizedTest
    @ValueSource(strings = {"other it", "put", "put here and more", ""})
    void aCopyThatIsNotWhatWasPutIsDamagedHoweverLongItIs(String content) throws Exception {
        node.startPulling();
        FileEntry entry = put(A, BYTES).join();
        node.storage.placeForeign(A, content.getBytes(StandardCharsets.UTF_8));

        assertThat(node.files.verify(entry, 0)).isEqualTo(FileReplication.Verified.DAMAGED);
        node.time.runReady();
        assertThat(node.files.verify(entry, 0)).isEqualTo(FileReplication.Verified.DAMAGED);
    }

    @Test
    void aCopyThatIsGoneOrOfAnOlderVersionIsMissing() throws Exception {
        node.startPulling();
        FileEntry entry = put(A, BYTES).join();
        registerElsewhere(A, "newer");
        assertThat(node.files.verify(node.files.stat(A), 0)).isEqualTo(FileReplication.Verified.MISSING);
        assertThat(node.files.verify(entry, 0)).isEqualTo(FileReplication.Verified.REPLACED);

        node.storage.delete(A);
        assertThat(node.files.verify(node.files.stat(A), 0)).isEqualTo(FileReplication.Verified.MISSING);
    }

    @Test
    void registeringATreeEndsWhenTheNodeIsClosed() throws Exception {
        node.storage.placeForeign(A, BYTES);
        CompletableFuture<TreeRegistration.Summary> done = node.files.registerTreeAsync("", Attributes.NONE);

        node.files.close();

        assertThat(failure(done)).isInstanceOf(NodeClosedException.class);
    }

    @Test
    void registeringATreeGoesOnWhenNoWorkerHasRoomForAWhile() {
        List<CompletableFuture<FileEntry>> asked = new ArrayList<>();
        TreeRegistration tree = new TreeRegistration(node.time, node.log.manifest, path -> {
            CompletableFuture<FileEntry> answer = new CompletableFuture<>();
            asked.add(answer);
            return answer;
        });
        node.time.full = true;
        tree.begin(IntStream.range(0, 20).mapToObj(i -> FilePath.of("f" + i)).toList());
        node.time.full = false;
        node.time.pass(Duration.ofSeconds(1));
        while (!asked.isEmpty()) {
            node.time.full = true;
            List<CompletableFuture<FileEntry>> now = List.copyOf(asked);
            asked.clear();
            now.forEach(answer -> answer.completeExceptionally(new StorageException("expected by the test")));
            node.time.full = false;
            node.time.pass(Duration.ofSeconds(1));
        }

        assertThat(tree.done().join().failed()).isEqualTo(20);
    }

    /** Nobody publishes a version that is gone: the call must not wait for that. */
    @Test
    void registeringAFileThatIsDeletedMeanwhileEnds() throws Exception {
        node.storage.placeForeign(A, BYTES);
        CompletableFuture<FileEntry> done = node.files.registerAsync(A, Attributes.NONE);
        node.time.pass(Duration.ofSeconds(2));
        assertThat(done).as("its record is made when pulling begins").isNotDone();

        CompletableFuture<Boolean> deleted = node.files.deleteAsync(A, "test");
        node.time.pass(Duration.ofSeconds(1));

        assertThat(deleted.join()).isTrue();
        assertThat(done.join().path()).isEqualTo(A);
        assertThat(node.files.stat(A)).isNull();
    }

    @Test
    void registeringAFileThatIsReplacedMeanwhileEnds() throws Exception {
        node.storage.placeForeign(A, BYTES);
        CompletableFuture<FileEntry> done = node.files.registerAsync(A, Attributes.NONE);
        node.time.runReady();

        registerElsewhere(A, "newer");
        node.time.pass(Duration.ofSeconds(1));

        assertThat(done.join().sizeBytes()).isEqualTo(BYTES.length);
    }

    @Test
    void deletingSaysWhetherThereWasAFile() throws Exception {
        node.startPulling();
        put(A, BYTES).join();

        CompletableFuture<Boolean> first = node.files.deleteAsync(A, "test");
        CompletableFuture<Boolean> second = node.files.deleteAsync(A, "test");
        node.time.runReady();

        assertThat(first.join()).isTrue();
        assertThat(second.join()).isFalse();
    }

    @Test
    void opensOnlyWhatIsRegisteredAndHere() {
        assertThatThrownBy(() -> node.files.open(A)).isInstanceOf(FileNotRegisteredException.class);
        registerElsewhere(A, "there");
        assertThatThrownBy(() -> node.files.open(A)).isInstanceOf(FileNotLocalException.class);
    }

    @Test
    void closingEndsWhatIsUnderWayAndKeepsTheBytesForTheNextStart() throws Exception {
        CompletableFuture<FileEntry> accepted = put(A, BYTES);
        node.log.otherwise = Fate.NEVER_ANSWERED;
        CompletableFuture<FileEntry> asked = put(FilePath.of("b"), BYTES);

        node.files.close();
        node.files.close();

        assertThat(failure(accepted)).isInstanceOf(NodeClosedException.class);
        assertThat(asked).isCompletedExceptionally();
        assertThat(node.puts()).hasSize(4);
        CompletableFuture<FileEntry> late = node.files.putAsync(A, outside.resolve("source"), Attributes.NONE);
        assertThat(failure(late)).isInstanceOf(NodeClosedException.class);
    }
}
