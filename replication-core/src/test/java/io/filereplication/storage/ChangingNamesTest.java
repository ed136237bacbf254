package io.filereplication.storage;

import static io.filereplication.storage.Fixture.bytes;
import static io.filereplication.storage.Fixture.digests;
import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.storage.FaultyStorage.Fault;
import io.filereplication.storage.LocalFiles.Disposal;
import io.filereplication.storage.LocalFiles.Presence;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.LocalFiles.Removal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What happens to a name while, before and after it changes; each of these was a bug that the simulation found. */
final class ChangingNamesTest {
    private static final FilePath A = FilePath.of("d/a");
    private static final byte[] OLD = bytes(100, 1);
    private static final byte[] NEW = bytes(200, 2);
    private static final FileEntry FIRST = entry("d/a", OLD, 1);
    private static final FileEntry SECOND = entry("d/a", NEW, 2);
    private static final FileEntry FIRST_AGAIN = entry("d/a", OLD, 3);

    private final Fixture fixture = new Fixture();
    private final MemoryStorage memory = new MemoryStorage();

    /** Lesson 32: it is found here a moment before the version between is renamed over it. */
    @Test
    void aContentRegisteredAnewWhileItsNameChangesIsNotTakenForHere() throws Exception {
        LocalFiles files = fixture.open(memory);
        fixture.pull(files, FIRST, OLD);
        fixture.manifest.register(SECOND);
        List<Presence> found = new ArrayList<>();

        StagedFile staged = files.stage(SECOND);
        staged.append(ByteBuffer.wrap(NEW));
        files.publish(staged, digests(NEW), SECOND, lookedAtBy(files, found));

        assertThat(found).containsOnly(Presence.UNVERIFIED);
        assertThat(memory.published().get(A)).isEqualTo(NEW);
        assertThat(files.presence(FIRST_AGAIN)).isEqualTo(Presence.ABSENT);
        files.close();
    }

    /** The same, when the version before is being removed. */
    @Test
    void aContentRegisteredAnewWhileItIsRemovedIsNotTakenForHere() throws Exception {
        LocalFiles files = fixture.open(memory);
        fixture.pull(files, FIRST, OLD);
        fixture.manifest.delete(A, 2);
        List<Presence> found = new ArrayList<>();

        Removal removal = files.remove(A, new Lsn(2, 0), Disposal.DELETE, lookedAtBy(files, found));

        assertThat(removal).isEqualTo(Removal.DELETED);
        assertThat(found).containsOnly(Presence.UNVERIFIED);
        assertThat(files.presence(FIRST_AGAIN)).isEqualTo(Presence.ABSENT);
        files.close();
    }

    /** The manifest, in which the old content is registered anew right after the last look at it. */
    private ManifestView lookedAtBy(LocalFiles files, List<Presence> found) {
        return new ManifestView() {
            @Override
            public @Nullable FileEntry get(FilePath path) {
                FileEntry seen = fixture.manifest.get(path);
                try {
                    found.add(files.presence(FIRST_AGAIN));
                } catch (StorageException e) {
                    throw new AssertionError(e);
                }
                return seen;
            }

            @Override
            public long appliedIndex() {
                return fixture.manifest.appliedIndex();
            }

            @Override
            public List<FileEntry> page(@Nullable FilePath after, int limit) {
                return fixture.manifest.page(after, limit);
            }

            @Override
            public long count() {
                return fixture.manifest.count();
            }

            @Override
            public long bytes() {
                return fixture.manifest.bytes();
            }

            @Override
            public boolean isSettled() {
                return fixture.manifest.isSettled();
            }
        };
    }

    /** Lesson 32: the records were lost, and the manifest is still being replayed; the file is newer than it knows. */
    @Test
    void whatNoRecordExplainsMakesNoRoomBeforeTheBarrier() throws Exception {
        memory.placeForeign(A, NEW);
        LocalFiles files = fixture.open(memory);

        assertThat(fixture.pull(files, FIRST, OLD)).isEqualTo(new Publication.Postponed());
        assertThat(memory.published().get(A)).isEqualTo(NEW);

        files.barrierPassed(0);
        assertThat(fixture.publish(files, FIRST, OLD)).isInstanceOf(Publication.Published.class);
        assertThat(memory.published().get(A)).isEqualTo(OLD);
        assertThat(memory.ownNames(StorageBackend.Area.TRASH)).isNotEmpty();
        files.close();
    }

    /** Lesson 19: the rename was done, an error came after it, and then the file was deleted: the walk has to find it. */
    @Test
    void aFileWhoseRenameFailedAfterItWasDoneIsFoundAndRemoved() throws Exception {
        FaultyStorage faulty = new FaultyStorage(memory);
        LocalFiles files = fixture.open(faulty);
        faulty.failWhen(Fault.LATE_ERROR, call -> call.startsWith("commit"));
        assertThatThrownBy(() -> fixture.pull(files, FIRST, OLD)).isInstanceOf(StorageException.class);
        faulty.heal();
        assertThat(memory.published()).containsKey(A);

        fixture.manifest.delete(A, 2);
        assertThat(files.page(null, 10)).extracting(LocalRecord::version).containsExactly(FIRST.version());
        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.DELETED);

        assertThat(memory.published()).isEmpty();
        assertThat(files.page(null, 10)).isEmpty();
        files.close();
    }

    /** The same with an older version recorded: looking at the file must not forget what it was to become. */
    @Test
    void lookingAtAFileWhoseRenameFailedKeepsWhatExplainsIt() throws Exception {
        FaultyStorage faulty = new FaultyStorage(memory);
        LocalFiles files = fixture.open(faulty);
        fixture.pull(files, FIRST, OLD);
        faulty.failWhen(Fault.LATE_ERROR, call -> call.startsWith("commit"));
        assertThatThrownBy(() -> fixture.pull(files, SECOND, NEW)).isInstanceOf(StorageException.class);
        faulty.heal();

        files.presence(SECOND);
        fixture.manifest.delete(A, 3);
        assertThat(files.remove(A, new Lsn(3, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.DELETED);

        assertThat(memory.published()).isEmpty();
        files.close();
    }
}
