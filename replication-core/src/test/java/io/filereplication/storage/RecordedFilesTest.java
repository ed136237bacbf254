package io.filereplication.storage;

import static io.filereplication.storage.Fixture.bytes;
import static io.filereplication.storage.Fixture.digests;
import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.GroupId;
import io.filereplication.InvalidFilePathException;
import io.filereplication.Lsn;
import io.filereplication.PrefixDigests;
import io.filereplication.Sha256;
import io.filereplication.storage.LocalFiles.Disposal;
import io.filereplication.storage.LocalFiles.Opening;
import io.filereplication.storage.LocalFiles.Presence;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.LocalFiles.Removal;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Publishing, finding and removing by version. */
final class RecordedFilesTest {
    private static final byte[] SMALL = bytes(4_096, 1);
    private static final byte[] OTHER_SMALL = bytes(4_096, 2);
    private static final byte[] LARGE = bytes(3 * PrefixDigests.CHUNK_BYTES + 17, 3);
    private static final FilePath A = FilePath.of("d/a");

    private final Fixture fixture = new Fixture();
    private MemoryStorage storage = new MemoryStorage();
    private LocalFiles files;

    @BeforeEach
    void open() throws StorageException {
        files = fixture.open(storage);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        files.close();
        files.close();
        storage.assertNothingOpen();
    }

    private void restart() throws StorageException {
        files.close();
        storage.assertNothingOpen();
        storage = storage.reopen();
        open();
    }

    private void kill() throws StorageException {
        storage = storage.kill();
        open();
    }

    private byte[] served(FileEntry entry) throws StorageException {
        Opening opening = files.open(entry);
        assertThat(opening).isInstanceOf(Opening.Opened.class);
        try (OpenFile file = ((Opening.Opened) opening).file()) {
            assertThat(file.digests().whole()).isEqualTo(entry.sha256());
            assertThat(file.version()).isEqualTo(entry.version());
            return Fixture.read(file);
        }
    }

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

    /** Lesson 20: an empty file goes the whole way. */
    @Test
    void publishesServesAndRemovesAnEmptyFile() throws Exception {
        FileEntry entry = entry("empty", new byte[0], 1);

        assertThat(fixture.pull(files, entry, new byte[0])).isInstanceOf(Publication.Published.class);

        assertThat(served(entry)).isEmpty();
        assertThat(files.verify(entry, 0)).isEqualTo(Presence.HERE);
        fixture.manifest.delete(entry.path(), 2);
        assertThat(files.remove(entry.path(), new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.REMOVED);
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

    /** Lesson 39: a zero-filled tail of staged bytes stays our own affair: nothing claims to know its digest after a restart. */
    @Test
    void neverTrustsDigestsOfStagedBytesAcrossARestart() throws Exception {
        HashedPut put = put("d/a", LARGE);
        restart();
        FileEntry entry = entry("d/a", LARGE, 1, Fixture.SELF);
        try (StagedFile staged = files.stage(entry)) {
            assertThat(staged.length()).isEqualTo(LARGE.length);
            assertThat(staged.writtenDigests()).isNull();
        }
        assertThat(put.file().sha256()).isEqualTo(entry.sha256());
    }

    /** Lesson 4: a file of the right size is not taken for present; it is hashed. */
    @Test
    void hashesAFileOfTheRightSizeBeforeBelievingInIt() throws Exception {
        storage.placeForeign(A, OTHER_SMALL);
        FileEntry entry = entry("d/a", SMALL, 1);

        assertThat(files.records(entry.version())).isFalse();
        assertThat(files.presence(entry)).isEqualTo(Presence.UNVERIFIED);
        assertThat(files.open(entry)).isEqualTo(new Opening.NotReady());
        assertThat(files.verify(entry, 0)).isEqualTo(Presence.ABSENT);
        assertThat(files.presence(entry)).isEqualTo(Presence.ABSENT);

        FileEntry right = entry("d/a", OTHER_SMALL, 2);
        assertThat(files.verify(right, 0)).isEqualTo(Presence.HERE);
        assertThat(files.records(right.version())).isTrue();
    }

    /** Lesson 4: an update of equal size is seen without reading a byte. */
    @Test
    void seesThatAnUpdateOfEqualSizeIsAbsent() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);

        assertThat(files.presence(entry("d/a", OTHER_SMALL, 2))).isEqualTo(Presence.ABSENT);
    }

    /** Lesson 4: rot that no stamp shows is found by hashing, and then the file is not believed any more. */
    @Test
    void findsRotByHashingAndRepairsIt() throws Exception {
        FileEntry entry = entry("d/a", LARGE, 1);
        fixture.pull(files, entry, LARGE);
        storage.rot(A, 2_000_000);

        assertThat(files.verify(entry, 0)).isEqualTo(Presence.ABSENT);

        assertThat(files.records(entry.version())).isFalse();
        assertThat(files.presence(entry)).isEqualTo(Presence.ABSENT);
        assertThat(fixture.pull(files, entry, LARGE)).isInstanceOf(Publication.Published.class);
        assertThat(served(entry)).isEqualTo(LARGE);
        assertThat(storage.ownNames(Area.TRASH)).isEmpty();
    }

    @Test
    void hashesAgainWhenTheStampChanged() throws Exception {
        FileEntry entry = entry("d/a", SMALL, 1);
        fixture.pull(files, entry, SMALL);
        storage.placeForeign(A, SMALL);

        assertThat(files.presence(entry)).isEqualTo(Presence.UNVERIFIED);
        assertThat(files.records(entry.version())).isFalse();
        assertThat(files.verify(entry, 0)).isEqualTo(Presence.HERE);
    }

    @Test
    void losesTheRecordOfAFileThatSomebodyDeleted() throws Exception {
        FileEntry entry = entry("d/a", SMALL, 1);
        fixture.pull(files, entry, SMALL);
        storage.delete(A);

        assertThat(files.presence(entry)).isEqualTo(Presence.ABSENT);
        assertThat(files.records(entry.version())).isFalse();
        assertThat(fixture.pull(files, entry, SMALL)).isInstanceOf(Publication.Published.class);
    }

    @Test
    void suspectsAFileOnRequestUntilItIsHashed() throws Exception {
        FileEntry entry = entry("d/a", LARGE, 1);
        fixture.pull(files, entry, LARGE);

        files.suspect(entry.version());

        assertThat(files.records(entry.version())).isFalse();
        assertThat(files.open(entry)).isEqualTo(new Opening.NotReady());
        kill();
        assertThat(files.records(entry.version())).isFalse();
        assertThat(files.presence(entry)).isEqualTo(Presence.UNVERIFIED);
        assertThat(files.verify(entry, 0)).isEqualTo(Presence.HERE);
        assertThat(served(entry)).isEqualTo(LARGE);
    }

    @Test
    void carriesTheRecordOverToAVersionWithTheSameContent() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        FileEntry again = entry("d/a", SMALL, 5);

        assertThat(files.presence(again)).isEqualTo(Presence.HERE);

        assertThat(files.records(again.version())).isTrue();
        assertThat(files.presence(entry("d/a", SMALL, 1))).isEqualTo(Presence.HERE);
        assertThat(files.records(again.version()))
                .as("never back to an older version")
                .isTrue();
    }

    @Test
    void verifiesAtTheGivenSpeed() throws Exception {
        FileEntry entry = entry("d/a", LARGE, 1);
        fixture.pull(files, entry, LARGE);

        files.verify(entry, LARGE.length / 4);

        assertThat(fixture.scheduler.slept()).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(5));
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
        fixture.manifest.goBackTo(1);

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
        fixture.manifest.goBackTo(3);
        StagedFile staged = files.stage(entry);
        assertThat(staged.length()).as("kept").isEqualTo(LARGE.length);
        assertThat(files.publish(staged, digests(LARGE), entry, fixture.manifest))
                .isEqualTo(new Publication.Postponed());

        assertThat(fixture.pull(files, entry, LARGE)).isInstanceOf(Publication.Published.class);
    }

    /** Lesson 7: the delete of an old version does not remove the file that was registered after it. */
    @Test
    void aLateDeleteSparesTheVersionRegisteredAfterIt() throws Exception {
        FileEntry again = entry("d/a", OTHER_SMALL, 3);
        fixture.pull(files, again, OTHER_SMALL);

        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.STILL_WANTED);
        fixture.manifest.delete(A, 3);
        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.STILL_WANTED);
        assertThat(served(again)).isEqualTo(OTHER_SMALL);
    }

    /** Lesson 7: the same content deleted and registered again is not removed although its record is the old one's. */
    @Test
    void aLateDeleteSparesContentThatIsRegisteredAgain() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        FileEntry again = entry("d/a", SMALL, 3);
        fixture.manifest.register(again);

        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.STILL_WANTED);
        assertThat(files.presence(again)).isEqualTo(Presence.HERE);
    }

    /** Lesson 31: a half replayed manifest holds the delete of an old version but not yet the newest: nothing is removed. */
    @Test
    void removesNothingByAManifestThatIsBehindTheRecord() throws Exception {
        FileEntry newest = entry("d/a", SMALL, 50);
        fixture.pull(files, newest, SMALL);
        fixture.manifest.delete(A, 50);
        fixture.manifest.goBackTo(20);

        assertThat(files.remove(A, new Lsn(20, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.STILL_WANTED);
        assertThat(files.remove(A, new Lsn(60, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.POSTPONED);
        fixture.manifest.settle(false);
        fixture.manifest.goBackTo(60);
        assertThat(files.remove(A, new Lsn(60, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.POSTPONED);
        assertThat(served(newest)).isEqualTo(SMALL);
    }

    /** Lesson 33: an empty manifest of another group removes nothing, because it cannot even be opened over these files. */
    @Test
    void refusesTheRecordsOfAnotherGroup() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        files.close();
        storage = storage.reopen();
        GroupId another = GroupId.of("99999999-2222-3333-4444-555555555555");

        assertThatThrownBy(() -> RecordStore.open(storage, another, fixture.scheduler))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("belongs to group");
        open();
    }

    /** Lesson 33: a file without a record is listed, never removed and never overwritten without a trace. */
    @Test
    void neverTouchesAFileWithoutARecord() throws Exception {
        storage.placeForeign(A, OTHER_SMALL);
        fixture.manifest.delete(A, 9);

        assertThat(files.remove(A, new Lsn(9, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.NOTHING_HERE);
        assertThat(((RecordedFiles) files).unrecorded("")).containsExactly(A);
        FileEntry entry = entry("d/a", SMALL, 10);
        files.barrierPassed();
        assertThat(fixture.pull(files, entry, SMALL)).isEqualTo(new Publication.Published(null));
        assertThat(served(entry)).isEqualTo(SMALL);
        assertThat(storage.ownNames(Area.TRASH)).hasSize(2);
        assertThat(((RecordedFiles) files).unrecorded("")).isEmpty();
    }

    @Test
    void doesNotRemoveAFileThatSomebodyChanged() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        storage.placeForeign(A, OTHER_SMALL);
        fixture.manifest.delete(A, 2);

        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.NOT_OURS);
        assertThat(storage.published()).containsKey(A);
    }

    /** Lesson 19: what was removed from the manifest is found by walking the records, also after a restart. */
    @Test
    void pagesThroughItsRecordsInPathOrder() throws Exception {
        for (String path : new String[] {"c", "a/b", "a-b", "b"}) {
            fixture.pull(files, entry(path, SMALL, 1), SMALL);
        }
        restart();

        assertThat(files.page(null, 2))
                .extracting(record -> record.version().path().value())
                .containsExactly("a-b", "a/b");
        assertThat(files.page(FilePath.of("a/b"), 9))
                .extracting(record -> record.version().path().value())
                .containsExactly("b", "c");
        assertThat(files.page(FilePath.of("c"), 9)).isEmpty();
    }

    @Test
    void keepsRemovedFilesInTheTrashForADay() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        fixture.manifest.delete(A, 2);

        assertThat(files.remove(A, new Lsn(2, 0), Disposal.TRASH, fixture.manifest))
                .isEqualTo(Removal.REMOVED);

        assertThat(storage.published()).isEmpty();
        fixture.wallMillis += Trash.KEPT.toMillis() - 1;
        assertThat(((RecordedFiles) files).purgeTrash()).isZero();
        assertThat(storage.ownNames(Area.TRASH)).hasSize(2);
        fixture.wallMillis++;
        assertThat(((RecordedFiles) files).purgeTrash()).isEqualTo(1);
        assertThat(storage.ownNames(Area.TRASH)).isEmpty();
    }

    /** Lesson 19: abandoned staged bytes do not leak, neither known nor unknown ones. */
    @Test
    void dropsStagedBytesNobodyWants() throws Exception {
        FileEntry wanted = entry("d/a", LARGE, 1);
        FileEntry unwanted = entry("d/b", LARGE, 1);
        files.stage(wanted).close();
        files.stage(unwanted).close();
        put("d/c", SMALL);
        put("d/d", SMALL);
        files.dropStaged(new LocalFiles.StagedFilter() {
            @Override
            public boolean keepVersion(FileVersion version) {
                return version.equals(wanted.version());
            }

            @Override
            public boolean keepPut(FilePath path, Sha256 sha256) {
                return path.equals(FilePath.of("d/d"));
            }
        });
        assertThat(storage.ownNames(Area.STAGED))
                .containsExactly(StagingArea.nameOf(wanted.version()).name());
        assertThat(storage.ownNames(Area.PUTS)).hasSize(1);

        storage.write(new OwnName(Area.STAGED, "unreadable")).close();
        storage.write(new OwnName(Area.PUTS, "unfinished")).close();
        kill();
        assertThat(storage.ownNames(Area.STAGED)).hasSize(1);
        assertThat(storage.ownNames(Area.PUTS)).hasSize(1);
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

    private record HashedPut(LocalFiles.HashedFile file) {}

    private HashedPut put(String path, byte[] content) throws StorageException {
        try (LocalFiles.PutFile put = files.beginPut(FilePath.of(path), content.length)) {
            put.write(ByteBuffer.wrap(content, 0, content.length / 2));
            put.write(ByteBuffer.wrap(content, content.length / 2, content.length - content.length / 2));
            return new HashedPut(put.finish());
        }
    }

    /** Lesson 34: the bytes of a put become visible only through its registration; until then the registered version stays. */
    @Test
    void aPutLeavesTheRegisteredVersionAloneUntilItIsRegisteredItself() throws Exception {
        FileEntry before = entry("d/a", SMALL, 1);
        fixture.pull(files, before, SMALL);
        put("d/a", LARGE);
        FileEntry mine = entry("d/a", LARGE, 2, Fixture.SELF);
        assertThat(served(before)).isEqualTo(SMALL);

        assertThat(served(mine)).as("peers are served meanwhile").isEqualTo(LARGE);
        fixture.manifest.register(mine);
        StagedFile staged = files.stage(mine);
        PrefixDigests written = staged.writtenDigests();
        assertThat(written).isEqualTo(digests(LARGE));
        LocalRecord replaced = new LocalRecord(
                before.version(), before.sha256(), files.page(null, 1).get(0).stamp());
        assertThat(files.publish(staged, digests(LARGE), mine, fixture.manifest))
                .isEqualTo(new Publication.Published(replaced));

        assertThat(served(mine)).isEqualTo(LARGE);
        assertThat(storage.ownNames(Area.PUTS)).isEmpty();
    }

    /** Lesson 34: a put that is refused or given up leaves nothing, and what is registered stays. */
    @Test
    void aPutThatIsRefusedLeavesNothing() throws Exception {
        try (LocalFiles.PutFile put = files.beginPut(A, 0)) {
            put.write(ByteBuffer.wrap(SMALL));
            put.finish();
            put.discard();
        }
        try (LocalFiles.PutFile put = files.beginPut(A, 0)) {
            put.write(ByteBuffer.wrap(SMALL));
        }
        assertThat(storage.ownNames(Area.PUTS)).isEmpty();
        assertThat(files.open(entry("d/a", SMALL, 1))).isEqualTo(new Opening.NotHere());
    }

    /** A walk may run between the moment at which a put is durable and the one at which its registration is applied. */
    @Test
    void aPutThatSomebodyHoldsIsNeverALeftover() throws Exception {
        LocalFiles.StagedFilter nothing = new LocalFiles.StagedFilter() {
            @Override
            public boolean keepVersion(FileVersion version) {
                return false;
            }

            @Override
            public boolean keepPut(FilePath path, Sha256 sha256) {
                return false;
            }
        };
        try (LocalFiles.PutFile put = files.beginPut(A, 0)) {
            put.write(ByteBuffer.wrap(SMALL));
            put.finish();
            files.dropStaged(nothing);
            assertThat(storage.ownNames(Area.PUTS)).hasSize(1);
        }
        files.dropStaged(nothing);
        assertThat(storage.ownNames(Area.PUTS)).isEmpty();
    }

    /** Lesson 34: another node's registration of equal content does not use up the bytes of a put that is still undecided. */
    @Test
    void anothersRegistrationOfEqualContentLeavesAnUndecidedPutItsBytes() throws Exception {
        put("d/a", SMALL);
        FileEntry others = entry("d/a", SMALL, 1, Fixture.OTHER);
        fixture.manifest.register(others);
        try (StagedFile staged = files.stage(others)) {
            assertThat(staged.length()).as("copied, not fetched").isEqualTo(SMALL.length);
            assertThat(staged.writtenDigests()).isNull();
            files.publish(staged, digests(SMALL), others, fixture.manifest);
        }
        assertThat(storage.ownNames(Area.PUTS)).hasSize(1);
    }

    @Test
    void aFinishedPutSurvivesTheLossOfPower() throws Exception {
        put("d/a", LARGE);
        storage = storage.crash();
        open();
        FileEntry mine = entry("d/a", LARGE, 1, Fixture.SELF);
        try (StagedFile staged = files.stage(mine)) {
            assertThat(staged.length()).isEqualTo(LARGE.length);
        }
    }

    @Test
    void recordsAFileHashedInPlaceWithoutASecondPass() throws Exception {
        storage.placeForeign(A, LARGE);

        LocalFiles.HashedFile hashed = files.hashInPlace(A);

        FileEntry mine = entry("d/a", LARGE, 1, Fixture.SELF);
        assertThat(hashed).isEqualTo(new LocalFiles.HashedFile(A, mine.sha256(), LARGE.length));
        assertThat(files.presence(mine)).isEqualTo(Presence.HERE);
        assertThat(served(mine)).isEqualTo(LARGE);
        kill();
        assertThat(files.records(mine.version())).isTrue();
    }

    @Test
    void rebuildsPrefixDigestsThatAreDamaged() throws Exception {
        FileEntry entry = entry("d/a", LARGE, 1);
        fixture.pull(files, entry, LARGE);
        OwnName digests = new OwnName(Area.DIGESTS, entry.sha256().hex());
        for (int offset : new int[] {0, 8, 12, 20, 60, 20 + 3 * 32, 20 + 4 * 32}) {
            storage.rotOwn(digests, offset);
            assertThat(files.open(entry)).isEqualTo(new Opening.NotReady());
            assertThat(files.verify(entry, 0)).isEqualTo(Presence.HERE);
            assertThat(served(entry)).isEqualTo(LARGE);
        }
        storage.deleteOwn(digests);
        assertThat(files.open(entry)).isEqualTo(new Opening.NotReady());
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
