package io.filereplication.storage;

import static io.filereplication.storage.Fixture.bytes;
import static io.filereplication.storage.Fixture.digests;
import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.InvalidFilePathException;
import io.filereplication.Lsn;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles.Disposal;
import io.filereplication.storage.LocalFiles.HashedFile;
import io.filereplication.storage.LocalFiles.Opening;
import io.filereplication.storage.LocalFiles.Outcome;
import io.filereplication.storage.LocalFiles.Presence;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.LocalFiles.Removal;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Local files: staging and publishing by version. */
final class RecordedFilesPublishTest extends LocalFilesTesting {
    @Test
    void publishesAVerifiedFileAndServesIt() throws Exception {
        FileEntry entry = entry("d/a", LARGE, 1);
        assertThat(files.open(entry)).isEqualTo(new Opening.NotHere());

        assertThat(fixture.pull(files, entry, LARGE)).isEqualTo(new Publication.Published(null));

        assertThat(files.records(entry.version())).isTrue();
        assertThat(files.presence(entry)).isEqualTo(Presence.HERE);
        assertThat(served(entry)).isEqualTo(LARGE);
        restart();
        assertThat(files.records(entry.version())).isTrue();
        assertThat(served(entry)).isEqualTo(LARGE);
    }

    @Test
    void decidesEachOfSeveralFilesOnItsOwnAndSharesTheirFsyncs() throws Exception {
        FileEntry kept = entry("d/kept", SMALL, 1);
        FileEntry superseded = entry("d/superseded", SMALL, 2);
        FileEntry early = entry("d/early", SMALL, 9);
        FileEntry first = entry("d/first", OTHER_SMALL, 4);
        FileEntry second = entry("d/second", SMALL, 5);
        FileEntry inTheWay = entry("d/kept/below", SMALL, 6);
        fixture.pull(files, kept, SMALL);
        List.of(first, second, inTheWay).forEach(fixture.manifest::register);
        int before = storage.steps().size();

        List<Outcome> outcomes = fixture.publishAll(
                files,
                List.of(superseded, first, inTheWay, second, early),
                List.of(SMALL, OTHER_SMALL, SMALL, SMALL, SMALL));

        assertThat(outcomes.get(0)).isEqualTo(new Outcome.Decided(new Publication.Superseded()));
        assertThat(outcomes.get(1)).isEqualTo(new Outcome.Decided(new Publication.Published(null)));
        assertThat(outcomes.get(2)).isInstanceOf(Outcome.Failed.class);
        assertThat(outcomes.get(3)).isEqualTo(new Outcome.Decided(new Publication.Published(null)));
        assertThat(outcomes.get(4)).isEqualTo(new Outcome.Decided(new Publication.Postponed()));
        assertThat(storage.published().keySet()).containsExactlyInAnyOrder(kept.path(), first.path(), second.path());
        assertThat(served(first)).isEqualTo(OTHER_SMALL);
        assertThat(storage.steps().subList(before, storage.steps().size()).stream()
                        .filter(step -> step.startsWith("sync-names staged")))
                .hasSize(1);
        restart();
        assertThat(files.records(second.version())).isTrue();
    }

    @Test
    void anInterruptedThreadPublishesWhatItHoldsAndSaysSoOfTheOthers() throws Exception {
        FileEntry entry = entry("d/a", SMALL, 1);
        fixture.manifest.register(entry);
        Thread.currentThread().interrupt();

        List<Outcome> outcomes = fixture.publishAll(files, List.of(entry), List.of(SMALL));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcomes.get(0)).isIn(new Outcome.NotBegun(), new Outcome.Decided(new Publication.Published(null)));
        assertThat(storage.published().containsKey(entry.path()))
                .isEqualTo(!(outcomes.get(0) instanceof Outcome.NotBegun));
    }

    /** Lesson 20: an empty file goes the whole way. */
    @Test
    void publishesServesAndRemovesAnEmptyFile() throws Exception {
        FileEntry entry = entry("empty", new byte[0], 1);

        assertThat(fixture.pull(files, entry, new byte[0])).isInstanceOf(Publication.Published.class);

        assertThat(served(entry)).isEmpty();
        assertThat(files.verify(entry, 0)).isEqualTo(Presence.HERE);
        fixture.manifest.delete(entry.path(), 2);
        assertThat(files.remove(entry.path(), new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.DELETED);
        assertThat(storage.published()).isEmpty();
    }

    /** Lesson 1: staged bytes at full size are not a finished file; nothing but verified digests publishes them. */
    @Test
    void refusesToPublishBytesWhoseDigestIsNotTheEntrys() throws Exception {
        FileEntry entry = entry("d/a", SMALL, 1);
        fixture.manifest.register(entry);
        StagedFile staged = files.stage(entry);
        staged.append(ByteBuffer.wrap(OTHER_SMALL));

        assertThatThrownBy(() -> files.publish(staged, digests(OTHER_SMALL), entry, fixture.manifest))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(storage.published()).isEmpty();
        assertThat(files.presence(entry)).isEqualTo(Presence.ABSENT);
        try (StagedFile again = files.stage(entry)) {
            assertThat(again.length()).isEqualTo(SMALL.length);
            assertThat(again.writtenDigests()).isNull();
        }
    }

    /** Lesson 3: two versions of a path never share a staged file, and staging never touches the published one. */
    @Test
    void stagesEachVersionInAFileOfItsOwn() throws Exception {
        FileEntry before = entry("d/a", SMALL, 1);
        fixture.pull(files, before, SMALL);
        try (StagedFile second = files.stage(entry("d/a", LARGE, 2));
                StagedFile third = files.stage(entry("d/a", OTHER_SMALL, 3))) {
            second.append(ByteBuffer.wrap(LARGE, 0, 10));
            assertThat(third.length()).isZero();
            assertThat(served(before)).isEqualTo(SMALL);
        }
    }

    /** Lesson 3 and 16: what was staged is there again after the process was killed, and is still to be hashed. */
    @Test
    void findsStagedBytesAgainAfterAKill() throws Exception {
        FileEntry entry = entry("d/a", LARGE, 1);
        try (StagedFile staged = files.stage(entry)) {
            staged.append(ByteBuffer.wrap(LARGE, 0, PrefixDigests.CHUNK_BYTES));
        }
        kill();
        try (StagedFile staged = files.stage(entry)) {
            assertThat(staged.length()).isEqualTo(PrefixDigests.CHUNK_BYTES);
            assertThat(staged.writtenDigests()).isNull();
            staged.append(ByteBuffer.wrap(LARGE, PrefixDigests.CHUNK_BYTES, LARGE.length - PrefixDigests.CHUNK_BYTES));
            fixture.manifest.register(entry);
            assertThat(files.publish(staged, digests(LARGE), entry, fixture.manifest))
                    .isInstanceOf(Publication.Published.class);
        }
        assertThat(served(entry)).isEqualTo(LARGE);
    }

    @Test
    void stagesAFileOfOneChunkForThisProcessOnly() throws Exception {
        FileEntry entry = entry("d/a", SMALL, 1);
        try (StagedFile staged = files.stage(entry)) {
            staged.append(ByteBuffer.wrap(SMALL));
        }
        try (StagedFile again = files.stage(entry)) {
            assertThat(again.length()).as("the next attempt").isEqualTo(SMALL.length);
        }
        restart();
        assertThat(storage.ownNames(Area.STAGED)).as("after a restart").isEmpty();
        assertThat(fixture.pull(files, entry, SMALL)).isInstanceOf(Publication.Published.class);
        assertThat(served(entry)).isEqualTo(SMALL);
    }

    /** Lesson 39: a zero-filled tail of staged bytes stays our own affair: nothing claims to know its digest after a restart. */
    @Test
    void neverTrustsDigestsOfStagedBytesAcrossARestart() throws Exception {
        HashedFile put = put("d/a", LARGE);
        restart();
        FileEntry entry = entry("d/a", LARGE, 1, Fixture.SELF);
        try (StagedFile staged = files.stage(entry)) {
            assertThat(staged.length()).isEqualTo(LARGE.length);
            assertThat(staged.writtenDigests()).isNull();
        }
        assertThat(put.sha256()).isEqualTo(entry.sha256());
    }

    /** Lesson 6: a version that the manifest does not hold any more is not published. */
    @Test
    void doesNotPublishWhatWasDeletedMeanwhile() throws Exception {
        FileEntry entry = entry("d/a", SMALL, 1);
        fixture.manifest.register(entry);
        fixture.manifest.delete(A, 2);

        assertThat(fixture.publish(files, entry, SMALL)).isEqualTo(new Publication.Superseded());

        assertThat(storage.published()).isEmpty();
        assertThat(storage.ownNames(Area.STAGED)).isEmpty();
    }

    /** Lesson 32: of two versions only the manifest's is published, in whichever order they arrive. */
    @Test
    void neverReplacesANewerVersion() throws Exception {
        FileEntry first = entry("d/a", SMALL, 1);
        FileEntry second = entry("d/a", OTHER_SMALL, 2);
        fixture.manifest.register(first);
        StagedFile stale = files.stage(first);
        stale.append(ByteBuffer.wrap(SMALL));
        fixture.pull(files, second, OTHER_SMALL);

        assertThat(files.publish(stale, digests(SMALL), first, fixture.manifest))
                .isEqualTo(new Publication.Superseded());
        assertThat(served(second)).isEqualTo(OTHER_SMALL);
    }

    /** Lesson 32: a stale manifest that still holds the older version does not bring it back over the newer file. */
    @Test
    void neverReplacesANewerVersionEvenWhenAStaleManifestSaysSo() throws Exception {
        FileEntry first = entry("d/a", SMALL, 1);
        FileEntry second = entry("d/a", OTHER_SMALL, 2);
        fixture.pull(files, second, OTHER_SMALL);
        fixture.manifest.register(first);
        fixture.manifest.applyUpTo(1);

        assertThat(fixture.publish(files, first, SMALL)).isEqualTo(new Publication.AlreadyHere());
        files.suspect(second.version());
        assertThat(fixture.publish(files, first, SMALL)).isEqualTo(new Publication.Postponed());
        assertThat(storage.published().get(A)).isEqualTo(OTHER_SMALL);
    }

    @Test
    void postponesPublishingWhileTheManifestIsLoadingOrBehind() throws Exception {
        FileEntry entry = entry("d/a", LARGE, 7);
        fixture.manifest.register(entry);
        fixture.manifest.settle(false);
        assertThat(fixture.publish(files, entry, LARGE)).isEqualTo(new Publication.Postponed());
        fixture.manifest.settle(true);
        fixture.manifest.delete(A, 7);
        fixture.manifest.applyUpTo(3);
        StagedFile staged = files.stage(entry);
        assertThat(staged.length()).as("kept").isEqualTo(LARGE.length);
        assertThat(files.publish(staged, digests(LARGE), entry, fixture.manifest))
                .isEqualTo(new Publication.Postponed());

        assertThat(fixture.pull(files, entry, LARGE)).isInstanceOf(Publication.Published.class);
    }

    /** Lesson 19: abandoned staged bytes do not leak, neither known nor unknown ones. */
    @Test
    void dropsStagedBytesNobodyWants() throws Exception {
        FileEntry wanted = entry("d/a", LARGE, 1);
        files.stage(wanted).close();
        files.stage(entry("d/b", LARGE, 1)).close();
        files.stage(entry("d/e", SMALL, 1)).close();
        put("d/c", SMALL);
        put("d/d", SMALL);
        files.dropStaged(new KeptLeftovers(wanted.version()::equals, FilePath.of("d/d")::equals, path -> false));
        assertThat(storage.ownNames(Area.STAGED))
                .containsExactly(StagingArea.nameOf(wanted.version()).name());
        assertThat(storage.ownNames(Area.PUTS)).hasSize(2);

        storage.write(new OwnName(Area.STAGED, "unreadable")).close();
        storage.write(new OwnName(Area.PUTS, "unfinished")).close();
        kill();
        assertThat(storage.ownNames(Area.STAGED)).hasSize(1);
        assertThat(storage.ownNames(Area.PUTS)).hasSize(2);
    }

    @Test
    void refusesToStageOneVersionTwiceAtOnce() throws Exception {
        FileEntry entry = entry("d/a", SMALL, 1);
        try (StagedFile first = files.stage(entry)) {
            assertThatThrownBy(() -> files.stage(entry)).hasMessageContaining("in use");
            assertThat(first.length()).isZero();
        }
        files.stage(entry).discard();
        assertThat(storage.ownNames(Area.STAGED)).isEmpty();
    }

    @Test
    void aReaderKeepsItsVersionWhileThePathIsReplacedAndRemoved() throws Exception {
        FileEntry first = entry("d/a", SMALL, 1);
        fixture.pull(files, first, SMALL);
        try (OpenFile reader = ((Opening.Opened) files.open(first)).file()) {
            fixture.pull(files, entry("d/a", OTHER_SMALL, 2), OTHER_SMALL);
            fixture.manifest.delete(A, 3);
            files.remove(A, new Lsn(3, 0), Disposal.DELETE, fixture.manifest);

            assertThat(Fixture.read(reader)).isEqualTo(SMALL);
        }
    }

    /** Lesson 40: an unregistered file where a directory must be is a typed failure, and goes on when it is gone. */
    @Test
    void publishesOnceAConflictingFileIsGone() throws Exception {
        storage.placeForeign(FilePath.of("d"), SMALL);
        FileEntry entry = entry("d/a", LARGE, 1);

        assertThatThrownBy(() -> fixture.pull(files, entry, LARGE)).isInstanceOf(PathConflictException.class);

        storage.delete(FilePath.of("d"));
        try (StagedFile staged = files.stage(entry)) {
            assertThat(staged.length()).isEqualTo(LARGE.length);
            assertThat(files.publish(staged, digests(LARGE), entry, fixture.manifest))
                    .isInstanceOf(Publication.Published.class);
        }
    }

    /** Lesson 30: names of our own cannot meet a registered path. */
    @Test
    void keepsItsOwnFilesWhereNoRegisteredPathCanBe() {
        assertThatThrownBy(() -> FilePath.of(".filereplication/staged/x")).isInstanceOf(InvalidFilePathException.class);
        assertThatThrownBy(() -> new OwnName(Area.STAGED, "../x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new OwnName(Area.STAGED, "")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keepsSpaceFreeAndCountsWhatIsPromised() throws Exception {
        files.close();
        storage = new MemoryStorage(100 << 20);
        open();
        FileEntry first = entry("d/a", bytes(60 << 20, 1), 1);
        FileEntry second = entry("d/b", bytes(40 << 20, 1), 2);
        try (StagedFile staged = files.stage(first)) {
            assertThatThrownBy(() -> files.stage(second)).isInstanceOf(StorageFullException.class);
            assertThat(staged.length()).isZero();
        }
        files.stage(second).close();
        assertThatThrownBy(() -> files.beginPut(A, 96 << 20)).isInstanceOf(StorageFullException.class);
        try (LocalFiles.PutFile put = files.beginPut(A, 0)) {
            put.write(ByteBuffer.allocate(50 << 20));
            assertThatThrownBy(() -> put.write(ByteBuffer.allocate(50 << 20))).isInstanceOf(StorageFullException.class);
        }
    }
}
