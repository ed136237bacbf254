package io.filereplication.storage;

import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.Lsn;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.LocalFiles.Disposal;
import io.filereplication.storage.LocalFiles.Presence;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.LocalFiles.Removal;
import io.filereplication.storage.StorageBackend.Area;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Local files: what is removed, and what never is. */
final class RecordedFilesRemovalTest extends LocalFilesTesting {
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
        fixture.manifest.applyUpTo(20);

        assertThat(files.remove(A, new Lsn(20, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.STILL_WANTED);
        assertThat(files.remove(A, new Lsn(60, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.POSTPONED);
        fixture.manifest.settle(false);
        fixture.manifest.applyUpTo(60);
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

        assertThatThrownBy(() ->
                        RecordStore.open(storage, another, fixture.scheduler, NodeLog.of(another, fixture.scheduler)))
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
        assertThat(unrecorded()).containsExactly(A);
        FileEntry entry = entry("d/a", SMALL, 10);
        files.barrierPassed(0);
        assertThat(fixture.pull(files, entry, SMALL)).isEqualTo(new Publication.Published(null));
        assertThat(served(entry)).isEqualTo(SMALL);
        assertThat(storage.ownNames(Area.TRASH)).hasSize(2);
        assertThat(unrecorded()).isEmpty();
    }

    private List<FilePath> unrecorded() throws StorageException {
        List<FilePath> found = new ArrayList<>();
        files.unrecorded("", found::add);
        return found;
    }

    @Test
    void doesNotRemoveAFileThatSomebodyChanged() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        storage.placeForeign(A, OTHER_SMALL);
        fixture.manifest.delete(A, 2);

        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.NOT_OURS);
        assertThat(storage.published()).containsKey(A);
        assertThat(files.page(null, 9)).as("nobody's from now on").isEmpty();
        List<FilePath> strangers = new ArrayList<>();
        files.unrecorded("", strangers::add);
        assertThat(strangers).containsExactly(A);
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

    /** What is registered at its path by now is not wanted here: nobody else may have the older content. */
    @Test
    void whatIsLeftBehindIsFoundAgainWhenItsContentIsRegistered() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        FileEntry unwanted = entry("d/a", OTHER_SMALL, 2);
        fixture.manifest.register(unwanted);

        assertThat(files.remove(A, new Lsn(2, 0), Disposal.LEFT_BEHIND, fixture.manifest))
                .isEqualTo(Removal.MOVED);

        assertThat(storage.published()).isEmpty();
        assertThat(storage.ownNames(Area.TRASH)).hasSize(2).allMatch(name -> name.matches("\\d+-\\d+-\\w+([.]path)?"));
        restart();
        FileEntry again = entry("d/a", SMALL, 3, Fixture.SELF);
        fixture.manifest.register(again);
        try (StagedFile staged = files.stage(again)) {
            assertThat(staged.writtenDigests()).isEqualTo(Fixture.digests(SMALL));
        }
    }

    /** The process before had recorded {@code d/a}; perhaps it was registering it anew where it lies. */
    private void openAfterAnother() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        files.close();
        storage = storage.reopen();
        files = fixture.openAfterAnother(storage);
        files.barrierPassed(1);
    }

    private void lateRegistrationComes(long index) throws Exception {
        FileEntry late = entry("d/a", SMALL, index, Fixture.SELF);
        fixture.manifest.register(late);
        try (StagedFile staged = files.stage(late)) {
            assertThat(staged.writtenDigests()).isEqualTo(Fixture.digests(SMALL));
        }
    }

    /** Lesson 31. */
    @Test
    void whatTheProcessBeforeLeftIsFoundWhenItsRegistrationComesAfterItWasDeleted() throws Exception {
        openAfterAnother();
        fixture.manifest.delete(A, 2);
        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.MOVED);
        assertThat(storage.published()).isEmpty();

        lateRegistrationComes(3);
    }

    /** Lesson 31. */
    @Test
    void whatTheProcessBeforeLeftIsFoundWhenItsRegistrationComesAfterItWasReplaced() throws Exception {
        openAfterAnother();
        assertThat(fixture.pull(files, entry("d/a", OTHER_SMALL, 2), OTHER_SMALL))
                .isInstanceOf(Publication.Published.class);

        lateRegistrationComes(3);
    }

    /** Lesson 31: many removals at once go to the trash, and this one may be of a version that is still to come. */
    @Test
    void whatTheProcessBeforeLeftIsFoundWhenItsRegistrationComesAfterItWasRemovedWithManyOthers() throws Exception {
        openAfterAnother();
        fixture.manifest.delete(A, 2);
        assertThat(files.remove(A, new Lsn(2, 0), Disposal.TRASH, fixture.manifest))
                .isEqualTo(Removal.MOVED);
        assertThat(storage.ownNames(Area.TRASH))
                .as("whoever takes back what was removed finds it too")
                .noneMatch(name -> name.matches(".*-.*-.*"));
        fixture.wallMillis += Duration.ofHours(25).toMillis();
        files.dropStaged(keepingDisplaced(false));

        lateRegistrationComes(3);
        files.close();
        storage = storage.reopen();
        files = fixture.open(storage);
        lateRegistrationComes(4);

        files.dropStaged(keepingDisplaced(false));
        assertThat(storage.ownNames(Area.TRASH)).isEmpty();
    }

    /** Lesson 31: the same content is registered by others meanwhile, and so the file is known by a version of this process's time. */
    @Test
    void whatTheProcessBeforeLeftIsFoundAlsoWhenItHadANewerVersionAtTheEnd() throws Exception {
        openAfterAnother();
        FileEntry others = entry("d/a", SMALL, 2);
        fixture.manifest.register(others);
        assertThat(files.presence(others)).isEqualTo(Presence.HERE);
        assertThat(files.record(A).version()).isEqualTo(others.version());
        fixture.manifest.delete(A, 3);
        assertThat(files.remove(A, new Lsn(3, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.MOVED);

        lateRegistrationComes(4);
    }

    @Test
    void whatThisProcessRegisteredWhereItLiesIsNobodyElses() throws Exception {
        openAfterAnother();
        FilePath own = FilePath.of("d/own");
        storage.placeForeign(own, OTHER_SMALL);
        assertThat(files.hashInPlace(own).sizeBytes()).isEqualTo(OTHER_SMALL.length);
        FileEntry entry = entry("d/own", OTHER_SMALL, 2, Fixture.SELF);
        fixture.manifest.register(entry);
        assertThat(files.presence(entry)).isEqualTo(Presence.HERE);
        files.registrationOver(own);
        fixture.manifest.delete(own, 3);

        assertThat(files.remove(own, new Lsn(3, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.DELETED);
        assertThat(storage.ownNames(Area.TRASH)).isEmpty();
    }

    /** The room is needed as soon as nothing can come any more, however short ago the trash was looked through. */
    @Test
    void whatWasKeptForALateRegistrationGoesAsSoonAsNoneCanCome() throws Exception {
        openAfterAnother();
        fixture.manifest.delete(A, 2);
        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.MOVED);
        files.dropStaged(keepingDisplaced(false));
        assertThat(storage.ownNames(Area.TRASH)).hasSize(2);

        files.earlierProposalsOver();
        files.dropStaged(keepingDisplaced(false));

        assertThat(storage.ownNames(Area.TRASH)).isEmpty();
    }

    @Test
    void whatTheProcessBeforeLeftIsNotKeptForLongerThanItsRegistrationsCanCome() throws Exception {
        openAfterAnother();
        assertThat(fixture.pull(files, entry("d/a", OTHER_SMALL, 2), OTHER_SMALL))
                .isInstanceOf(Publication.Published.class);
        files.dropStaged(keepingDisplaced(false));
        assertThat(storage.ownNames(Area.TRASH)).hasSize(2);

        files.earlierProposalsOver();
        files.dropStaged(keepingDisplaced(true));
        assertThat(storage.ownNames(Area.TRASH))
                .as("one of them came, and is missing")
                .hasSize(2);
        fixture.wallMillis += Duration.ofMinutes(10).toMillis();
        files.dropStaged(keepingDisplaced(false));
        assertThat(storage.ownNames(Area.TRASH)).isEmpty();

        fixture.manifest.delete(A, 3);
        assertThat(files.remove(A, new Lsn(3, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.DELETED);
        assertThat(storage.ownNames(Area.TRASH)).isEmpty();
    }

    /** Lesson 31: its registration is applied after another version was, however many walks there were between the two. */
    @Test
    void whatThisProcessIsRegisteringIsKeptForADayWhenItIsReplaced() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        assertThat(files.hashInPlace(A).sizeBytes()).isEqualTo(SMALL.length);
        assertThat(fixture.pull(files, entry("d/a", OTHER_SMALL, 2), OTHER_SMALL))
                .isInstanceOf(Publication.Published.class);
        fixture.wallMillis += Duration.ofMinutes(30).toMillis();
        files.dropStaged(keepingDisplaced(false));

        lateRegistrationComes(3);
    }

    @Test
    void whatThisProcessBroughtAfterTheBarrierIsNobodyElses() throws Exception {
        openAfterAnother();
        FileEntry young = entry("d/b", SMALL, 2);
        fixture.pull(files, young, SMALL);
        fixture.manifest.delete(young.path(), 3);

        assertThat(files.remove(young.path(), new Lsn(3, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.DELETED);

        assertThat(storage.ownNames(Area.TRASH)).isEmpty();
    }

    @Test
    void whatIsRegisteredIsLeftBehindByThatVeryVersionOnly() throws Exception {
        FileEntry first = entry("d/a", SMALL, 1);
        fixture.pull(files, first, SMALL);
        fixture.manifest.register(entry("d/a", OTHER_SMALL, 2));

        for (Disposal disposal : List.of(Disposal.DELETE, Disposal.TRASH)) {
            assertThat(files.remove(A, new Lsn(2, 0), disposal, fixture.manifest))
                    .isEqualTo(Removal.STILL_WANTED);
        }
        assertThat(files.remove(A, new Lsn(3, 0), Disposal.LEFT_BEHIND, fixture.manifest))
                .as("another version than the caller saw")
                .isEqualTo(Removal.STILL_WANTED);
        fixture.manifest.register(entry("d/a", SMALL, 4));
        assertThat(files.remove(A, new Lsn(4, 0), Disposal.LEFT_BEHIND, fixture.manifest))
                .as("the same content")
                .isEqualTo(Removal.STILL_WANTED);
        assertThat(storage.published().get(A)).isEqualTo(SMALL);
    }

    /** The record says an older version, which was deleted; but the same bytes are about to be one again. */
    @Test
    void aFileThatIsBeingRegisteredWhereItLiesIsLeftAlone() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        fixture.manifest.delete(A, 2);

        files.hashInPlace(A);
        files.hashInPlace(A);
        assertThat(files.verify(entry("d/a", OTHER_SMALL, 1), 0))
                .as("another look changes nothing")
                .isEqualTo(Presence.ABSENT);
        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.POSTPONED);
        files.registrationOver(A);
        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .as("one of two is over")
                .isEqualTo(Removal.POSTPONED);
        files.registrationOver(A);
        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.DELETED);
    }

    /** The application rolls back to what is here, while what others have registered is on its way here. */
    @Test
    void aFileThatIsBeingRegisteredWhereItLiesIsReplacedButNotDestroyed() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        files.hashInPlace(A);
        FileEntry others = entry("d/a", OTHER_SMALL, 2);
        fixture.pull(files, others, OTHER_SMALL);
        assertThat(served(others)).isEqualTo(OTHER_SMALL);

        FileEntry own = entry("d/a", SMALL, 3, Fixture.SELF);
        fixture.manifest.register(own);
        try (StagedFile staged = files.stage(own)) {
            assertThat(staged.writtenDigests()).isEqualTo(Fixture.digests(SMALL));
        }
    }

    @Test
    void keepsRemovedFilesInTheTrashForADay() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        fixture.manifest.delete(A, 2);

        assertThat(files.remove(A, new Lsn(2, 0), Disposal.TRASH, fixture.manifest))
                .isEqualTo(Removal.MOVED);

        assertThat(storage.published()).isEmpty();
        fixture.wallMillis += Trash.KEPT.toMillis() - 1;
        restart();
        assertThat(storage.ownNames(Area.TRASH)).hasSize(2);
        fixture.wallMillis++;
        restart();
        assertThat(storage.ownNames(Area.TRASH)).isEmpty();
    }
}
