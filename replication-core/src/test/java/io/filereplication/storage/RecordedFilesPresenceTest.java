package io.filereplication.storage;

import static io.filereplication.storage.Fixture.digests;
import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.storage.LocalFiles.Opening;
import io.filereplication.storage.LocalFiles.Presence;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Local files: what is believed to be here, and what is hashed first. */
final class RecordedFilesPresenceTest extends LocalFilesTesting {
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

    @Test
    void saysOfNothingUnknownThatItIsHere() throws Exception {
        FileEntry entry = entry("d/a", SMALL, 1);
        storage.placeForeign(A, SMALL);
        assertThat(files.isHere(entry)).as("a file of unknown content").isFalse();

        LocalFiles.HashedFile unused = files.hashInPlace(A);
        assertThat(files.isHere(entry)).as("hashed just now").isTrue();
        assertThat(files.records(entry.version())).isTrue();

        storage.placeForeign(A, OTHER_SMALL);
        assertThat(files.isHere(entry)).as("changed since").isFalse();
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

    /** It was hashed when it was registered: a second pass over a large file would be for nothing. */
    @Test
    void whatWasHashedInThePlaceOfARecordedFileIsHereAtOnce() throws Exception {
        fixture.pull(files, entry("d/a", SMALL, 1), SMALL);
        storage.placeForeign(A, LARGE);
        LocalFiles.HashedFile unused = files.hashInPlace(A);
        FileEntry entry = entry("d/a", LARGE, 2);

        assertThat(files.presence(entry)).isEqualTo(Presence.HERE);
        assertThat(files.records(entry.version())).isTrue();
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

    /** A holder that answered "ask again shortly" for ever would keep everybody from learning that no copy is left. */
    @Test
    void doesNotHaveWhatWasHashedAndFoundBadWhoeverDoubtsItBesides() throws Exception {
        FileEntry entry = entry("d/a", LARGE, 1);
        fixture.pull(files, entry, LARGE);
        storage.rot(A, 2_000_000);
        files.suspect(entry.version());
        assertThat(files.open(entry)).isEqualTo(new Opening.NotReady());

        assertThat(files.verify(entry, 0)).isEqualTo(Presence.ABSENT);
        assertThat(files.open(entry)).isEqualTo(new Opening.NotHere());
        files.suspect(entry.version());
        assertThat(files.open(entry)).isEqualTo(new Opening.NotHere());

        kill();
        assertThat(files.open(entry)).as("nobody has hashed it yet").isEqualTo(new Opening.NotReady());
        fixture.pull(files, entry, LARGE);
        assertThat(served(entry)).isEqualTo(LARGE);
    }

    @Test
    void doesNotHaveWhatIsSomethingElseWithoutARecord() throws Exception {
        FileEntry entry = entry("d/a", SMALL, 1);
        storage.placeForeign(A, OTHER_SMALL);
        fixture.manifest.register(entry);

        assertThat(files.verify(entry, 0)).isEqualTo(Presence.ABSENT);
        files.suspect(entry.version());

        assertThat(files.open(entry)).isEqualTo(new Opening.NotHere());
    }

    @Test
    void doesNotHaveWhatCouldNotBeReadUntilItCan() throws Exception {
        FileEntry entry = entry("d/a", SMALL, 1);
        fixture.pull(files, entry, SMALL);
        files.close();
        storage = storage.reopen();
        UnreadableFile unreadable = new UnreadableFile(storage);
        files = fixture.open(unreadable);
        files.suspect(entry.version());
        assertThat(files.open(entry)).isEqualTo(new Opening.NotReady());

        assertThatThrownBy(() -> files.verify(entry, 0)).isInstanceOf(StorageException.class);
        assertThat(files.presence(entry)).as("the disk may recover").isEqualTo(Presence.UNVERIFIED);
        assertThat(files.open(entry)).isEqualTo(new Opening.NotHere());

        unreadable.recovered = true;
        assertThat(files.verify(entry, 0)).isEqualTo(Presence.HERE);
        assertThat(served(entry)).isEqualTo(SMALL);
    }

    /** A disk of which no published file can be read for a while. */
    private static final class UnreadableFile extends ForwardingStorage {
        private boolean recovered;

        UnreadableFile(StorageBackend to) {
            super(to);
        }

        @Override
        public @Nullable ReadHandle open(FilePath path) throws StorageException {
            if (!recovered) {
                throw new StorageException("Injected: a bad sector in " + path);
            }
            return super.open(path);
        }
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
            // What was read last is in memory.
            restart();
            storage.rotOwn(digests, offset);
            assertThat(files.open(entry)).isEqualTo(new Opening.NotReady());
            assertThat(files.verify(entry, 0)).isEqualTo(Presence.HERE);
            assertThat(served(entry)).isEqualTo(LARGE);
        }
        restart();
        storage.deleteOwn(digests);
        assertThat(files.open(entry)).isEqualTo(new Opening.NotReady());
    }

    @Test
    void readsPrefixDigestsOnceForManyRanges() throws Exception {
        FileEntry entry = entry("d/a", LARGE, 1);
        fixture.pull(files, entry, LARGE);
        assertThat(served(entry)).isEqualTo(LARGE);
        storage.deleteOwn(new OwnName(Area.DIGESTS, entry.sha256().hex()));
        assertThat(served(entry)).isEqualTo(LARGE);
    }
}
