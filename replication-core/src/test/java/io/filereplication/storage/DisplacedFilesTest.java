package io.filereplication.storage;

import static io.filereplication.storage.Fixture.digests;
import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.StorageBackend.Area;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A file is written and registered where it is to stay, while an older version of its path is on its way here: that one is
 * published first, and this one, of which there is no other copy, has to make room for it.
 */
final class DisplacedFilesTest extends LocalFilesTesting {
    private final FileEntry older = entry("d/a", SMALL, 1);
    private final FileEntry newer = entry("d/a", LARGE, 2, Fixture.SELF);

    @BeforeEach
    void theOlderVersionIsPublishedOverTheNewerOne() throws Exception {
        storage.placeForeign(A, LARGE);
        files.barrierPassed(0);
        assertThat(files.hashInPlace(A).sha256()).isEqualTo(newer.sha256());
        assertThat(fixture.pull(files, older, SMALL)).isEqualTo(new Publication.Published(null));
        assertThat(served(older)).isEqualTo(SMALL);
        fixture.manifest.register(newer);
    }

    private void publishNewer() throws Exception {
        StagedFile staged = files.stage(newer);
        assertThat(staged.length()).isEqualTo(LARGE.length);
        assertThat(staged.writtenDigests()).isEqualTo(digests(LARGE));
        assertThat(files.publish(staged, digests(LARGE), newer, fixture.manifest))
                .isInstanceOf(Publication.Published.class);
        assertThat(served(newer)).isEqualTo(LARGE);
    }

    @Test
    void isFoundWhenItsRegistrationIsApplied() throws Exception {
        publishNewer();
    }

    /** Copying was broken off half-way, or a peer had sent a part: that must not hide the whole copy. */
    @Test
    void isFoundWhenAPartOfItIsStagedAlready() throws Exception {
        try (StagedFile staged = files.stage(newer)) {
            staged.truncate(PrefixDigests.CHUNK_BYTES);
        }
        kill();

        publishNewer();
    }

    /** The power goes, and the node is away for longer than trash is kept. */
    @Test
    void isFoundAfterACrashHoweverLongTheNodeWasAway() throws Exception {
        fixture.wallMillis += 2 * Trash.KEPT.toMillis();
        storage = storage.crash();
        open();
        files.dropStaged(keepingDisplaced(true));

        publishNewer();
    }

    @Test
    void isDeletedAfterADayWhenNothingMissesIt() throws Exception {
        files.dropStaged(keepingDisplaced(false));
        assertThat(storage.ownNames(Area.TRASH)).hasSize(2);

        fixture.wallMillis += Trash.KEPT.toMillis();
        files.dropStaged(keepingDisplaced(false));

        assertThat(storage.ownNames(Area.TRASH)).isEmpty();
        try (StagedFile staged = files.stage(newer)) {
            assertThat(staged.length()).isZero();
        }
    }

    @Test
    void isNotTakenForAnotherContentOfTheSameSize() throws Exception {
        FileEntry another = entry("d/a", Fixture.bytes(LARGE.length, 77), 3);
        fixture.manifest.register(another);

        try (StagedFile staged = files.stage(another)) {
            assertThat(staged.length()).isZero();
            assertThat(staged.writtenDigests()).isNull();
            staged.append(ByteBuffer.wrap(LARGE, 0, PrefixDigests.CHUNK_BYTES));
        }
        try (StagedFile staged = files.stage(another)) {
            assertThat(staged.length()).as("what a peer sent stays").isEqualTo(PrefixDigests.CHUNK_BYTES);
        }
    }

    /** Whoever else has it can still be asked. */
    @Test
    void isPassedOverWhenItCannotBeRead() throws Exception {
        files.close();
        storage = storage.reopen();
        files = fixture.open(withUnreadableTrash(storage));

        try (StagedFile staged = files.stage(newer)) {
            assertThat(staged.length()).isZero();
            staged.append(ByteBuffer.wrap(LARGE));
            files.publish(staged, digests(LARGE), newer, fixture.manifest);
        }
        assertThat(served(newer)).isEqualTo(LARGE);
    }

    private static StorageBackend withUnreadableTrash(StorageBackend storage) {
        return new ForwardingStorage(storage) {
            @Override
            public @Nullable ReadHandle openOwn(OwnName name) throws StorageException {
                if (name.area() == Area.TRASH) {
                    throw new StorageException("Injected: " + name);
                }
                return super.openOwn(name);
            }
        };
    }
}
