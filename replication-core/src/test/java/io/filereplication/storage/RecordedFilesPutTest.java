package io.filereplication.storage;

import static io.filereplication.storage.Fixture.digests;
import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles.Disposal;
import io.filereplication.storage.LocalFiles.Opening;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.LocalFiles.Removal;
import io.filereplication.storage.StorageBackend.Area;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Local files: bytes that are put here, before and after they are registered. */
final class RecordedFilesPutTest extends LocalFilesTesting {
    private static final Instant LATER = Fixture.CREATED.plusSeconds(1);

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
            put.finish(Fixture.CREATED);
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
        try (LocalFiles.PutFile put = files.beginPut(A, 0)) {
            put.write(ByteBuffer.wrap(SMALL));
            put.finish(Fixture.CREATED);
            files.dropStaged(KeptLeftovers.NONE);
            assertThat(storage.ownNames(Area.PUTS)).hasSize(2);
        }
        files.dropStaged(KeptLeftovers.NONE);
        assertThat(storage.ownNames(Area.PUTS)).isEmpty();
    }

    /** Lesson 34: its proposal may be under way still, and these bytes the only ones when it is applied. */
    @Test
    void aPutOfTheProcessBeforeIsNoLeftoverWhileItMayStillBeRegistered() throws Exception {
        LocalFiles.PutFile put = files.beginPut(A, 0);
        put.write(ByteBuffer.wrap(SMALL));
        put.finish(Fixture.CREATED);
        files.close();
        storage = storage.reopen();
        files = fixture.openAfterAnother(storage);

        files.barrierPassed(1);
        files.dropStaged(KeptLeftovers.NONE);
        assertThat(storage.ownNames(Area.PUTS)).hasSize(2);

        files.earlierProposalsOver();
        files.dropStaged(KeptLeftovers.NONE);
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
            assertThat(staged.writtenDigests()).isEqualTo(digests(SMALL));
            files.publish(staged, digests(SMALL), others, fixture.manifest);
        }
        assertThat(storage.ownNames(Area.PUTS)).hasSize(2);
    }

    /** Lesson 34: of two puts of the same content nothing says whose registration this is, so neither loses its bytes to it. */
    @Test
    void aRegistrationOfOneOfTwoEqualPutsLeavesBothTheirBytes() throws Exception {
        put("d/a", SMALL);
        put("d/a", SMALL);
        FileEntry mine = entry("d/a", SMALL, 1, Fixture.SELF);
        fixture.manifest.register(mine);

        StagedFile staged = files.stage(mine);
        assertThat(staged.writtenDigests()).as("copied").isEqualTo(digests(SMALL));
        files.publish(staged, digests(SMALL), mine, fixture.manifest);

        assertThat(served(mine)).isEqualTo(SMALL);
        assertThat(storage.ownNames(Area.PUTS)).hasSize(4);
    }

    /** Lesson 34: an older registration of the same content, also of this node, does not use up the bytes of a put that is undecided. */
    @Test
    void anEarlierRegistrationOfThisNodeLeavesAnUndecidedPutItsBytes() throws Exception {
        FileEntry earlier = entry("d/a", SMALL, 1, Fixture.SELF);
        fixture.manifest.register(earlier);
        put("d/a", SMALL, LATER);

        publish(earlier, SMALL);
        fixture.manifest.delete(A, 2);
        assertThat(files.remove(A, new Lsn(2, 0), Disposal.DELETE, fixture.manifest))
                .isEqualTo(Removal.DELETED);

        FileEntry mine = entry("d/a", SMALL, 3, Fixture.SELF, LATER);
        fixture.manifest.register(mine);
        publish(mine, SMALL);
        assertThat(served(mine)).isEqualTo(SMALL);
        assertThat(storage.ownNames(Area.PUTS)).isEmpty();
    }

    /** The pull of a registration that ends takes nothing from the put, which its holder drops, or a walk after a restart. */
    @Test
    void aPullThatEndsDoesNotDropThePut() throws Exception {
        put("d/a", SMALL);
        FileEntry mine = entry("d/a", SMALL, 1, Fixture.SELF);
        files.stage(mine).discard();
        fixture.manifest.delete(A, 2);
        StagedFile staged = files.stage(mine);
        assertThat(files.publish(staged, digests(SMALL), mine, fixture.manifest))
                .isEqualTo(new Publication.Superseded());

        assertThat(storage.ownNames(Area.PUTS)).hasSize(2);
        files.dropStaged(KeptLeftovers.NONE);
        assertThat(storage.ownNames(Area.PUTS)).isEmpty();
    }

    private void publish(FileEntry entry, byte[] content) throws Exception {
        StagedFile staged = files.stage(entry);
        assertThat(staged.length()).as("found here").isEqualTo(content.length);
        assertThat(files.publish(staged, digests(content), entry, fixture.manifest))
                .isEqualTo(new Publication.Published(null));
    }

    /**
     * The end of a rename was recorded, and the name of what was renamed given to another put by the next process; then the power
     * takes that record, and the intent stands there as if the rename had only just been done.
     */
    @Test
    void whatWasRenamedBeforeIsNotTakenForTheOtherPutThatHasItsNameNow() throws Exception {
        put("d/a", SMALL);
        FileEntry first = entry("d/a", SMALL, 1, Fixture.SELF);
        fixture.manifest.register(first);
        try (StagedFile staged = files.stage(first)) {
            files.publish(staged, digests(SMALL), first, fixture.manifest);
        }
        kill();
        put("d/b", LARGE);
        storage = storage.crash();
        open();

        assertThat(served(first)).isEqualTo(SMALL);
        FileEntry second = entry("d/b", LARGE, 2, Fixture.SELF);
        fixture.manifest.register(second);
        try (StagedFile staged = files.stage(second)) {
            assertThat(staged.length()).isEqualTo(LARGE.length);
        }
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
    void refusesMorePutsThanMayBeUnderWayAndSaysHowManyThatAre() throws Exception {
        List<LocalFiles.PutFile> open = new ArrayList<>();
        for (int i = 0; i < LocalFiles.DEFAULT_MAX_PUTS; i++) {
            LocalFiles.PutFile put = files.beginPut(FilePath.of("p" + i), 0);
            open.add(put);
            if (i % 2 == 0) {
                put.finish(Fixture.CREATED);
            }
        }

        assertThatThrownBy(() -> files.beginPut(A, 0))
                .isInstanceOfSatisfying(
                        TooManyPutsException.class, e -> assertThat(e.limit()).isEqualTo(LocalFiles.DEFAULT_MAX_PUTS))
                .hasMessageContaining(LocalFiles.DEFAULT_MAX_PUTS + " puts");

        open.get(0).close();
        open.get(1).discard();
        files.beginPut(A, 0).close();
        files.beginPut(A, 0).close();
        for (LocalFiles.PutFile put : open) {
            put.close();
        }
    }
}
