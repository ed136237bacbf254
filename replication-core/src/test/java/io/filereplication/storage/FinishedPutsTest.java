package io.filereplication.storage;

import static io.filereplication.storage.Fixture.bytes;
import static io.filereplication.storage.Fixture.digests;
import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.PrefixDigests;
import io.filereplication.Sha256;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Lesson 34: what a put is lies beside its bytes, so that no loss of records makes a registered file's only copy a nameless one. */
final class FinishedPutsTest {
    private static final FilePath A = FilePath.of("d/a");
    private static final OwnName PUT = new OwnName(Area.PUTS, "0000000000000000");
    private static final OwnName DESCRIPTION = new OwnName(Area.PUTS, "0000000000000000.put");
    private static final byte[] CONTENT = bytes(PrefixDigests.CHUNK_BYTES + 5, 1);
    private static final FileEntry MINE = entry("d/a", CONTENT, 1, Fixture.SELF);

    private final Fixture fixture = new Fixture();

    private static void put(LocalFiles files) throws Exception {
        try (LocalFiles.PutFile put = files.beginPut(A, 0)) {
            put.write(ByteBuffer.wrap(CONTENT));
            put.finish(Fixture.CREATED);
        }
    }

    /** What is found after a put, the loss of the power and of all records, and what {@code damage} does. */
    private MemoryStorage putAndLoseRecords(Damage damage) throws Exception {
        MemoryStorage storage = new MemoryStorage();
        LocalFiles files = fixture.open(storage);
        put(files);
        files.close();
        MemoryStorage found = storage.crash();
        Fixture.loseRecords(found);
        damage.to(found);
        return found;
    }

    private interface Damage {
        void to(MemoryStorage storage) throws Exception;
    }

    private static byte[] description(StorageBackend storage) throws StorageException {
        try (ReadHandle in = Objects.requireNonNull(storage.openOwn(DESCRIPTION))) {
            ByteBuffer all = ByteBuffer.allocate((int) in.stamp().sizeBytes());
            in.read(all, 0);
            return all.array();
        }
    }

    private static void describe(StorageBackend storage, byte[] bytes) throws StorageException {
        try (WriteHandle out = storage.write(DESCRIPTION)) {
            out.truncate(0);
            out.append(ByteBuffer.wrap(bytes));
        }
    }

    private static byte[] withCrc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - 4);
        ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) crc.getValue());
        return bytes;
    }

    @Test
    void isFoundAndPublishedWithoutAnyRecords() throws Exception {
        MemoryStorage storage = putAndLoseRecords(found -> {});
        LocalFiles files = fixture.open(storage);
        fixture.manifest.register(MINE);

        try (StagedFile staged = files.stage(MINE)) {
            assertThat(staged.length()).isEqualTo(CONTENT.length);
            assertThat(staged.writtenDigests())
                    .as("hashed again before it is published")
                    .isNull();
            assertThat(files.publish(staged, digests(CONTENT), MINE, fixture.manifest))
                    .isEqualTo(new Publication.Published(null));
        }
        assertThat(storage.ownNames(Area.PUTS)).isEmpty();
        files.close();
        storage.assertNothingOpen();
    }

    @Test
    void isServedWithoutAnyRecords() throws Exception {
        MemoryStorage storage = new MemoryStorage();
        LocalFiles before = fixture.open(storage);
        put(before);
        before.close();
        MemoryStorage found = storage.kill();
        Fixture.loseRecords(found);
        LocalFiles files = fixture.open(found);

        try (OpenFile file = ((LocalFiles.Opening.Opened) files.open(MINE)).file()) {
            assertThat(Fixture.read(file)).isEqualTo(CONTENT);
        }
        files.close();
        found.assertNothingOpen();
    }

    @Test
    void doesNotGiveItsNumberToTheNextPut() throws Exception {
        MemoryStorage storage = putAndLoseRecords(found -> {});
        LocalFiles files = fixture.open(storage);
        put(files);

        assertThat(storage.ownNames(Area.PUTS))
                .containsExactlyInAnyOrder(
                        "0000000000000000", "0000000000000000.put", "0000000000000001", "0000000000000001.put");
        files.close();
    }

    @Test
    void writesTheFormatThatIsDrawn() {
        byte[] bytes = new PutContent(FilePath.of("d/a"), Sha256.OF_EMPTY, 258, 1_000).toBytes(Fixture.GROUP);

        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo("4652505554444553" + "00000001" + "11111111222233334444555555555555" + "00000000000003e8"
                        + "0000000000000102" + Sha256.OF_EMPTY.hex() + "0003" + "642f61" + "111bb92b");
    }

    @Test
    void refusesEveryTruncationAndEveryFlippedBit() throws Exception {
        byte[] whole = new PutContent(A, Sha256.OF_EMPTY, 258, 1_000).toBytes(Fixture.GROUP);
        assertThat(PutContent.parse(whole, Fixture.GROUP, DESCRIPTION))
                .isEqualTo(new PutContent(A, Sha256.OF_EMPTY, 258, 1_000));
        for (int length = 0; length < whole.length; length++) {
            assertThat(PutContent.parse(Arrays.copyOf(whole, length), Fixture.GROUP, DESCRIPTION))
                    .isNull();
        }
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(PutContent.parse(flipped, Fixture.GROUP, DESCRIPTION))
                    .as("bit %s", bit)
                    .isNull();
        }
        byte[] longer = withCrc(Arrays.copyOf(whole, whole.length + 1));
        assertThat(PutContent.parse(longer, Fixture.GROUP, DESCRIPTION)).isNull();
    }

    /** Bytes that nothing speaks for, and a description of nothing, are what a crash in the middle of a put leaves. */
    @Test
    void deletesWhatWasNotFinished() throws Exception {
        for (Damage damage : new Damage[] {
            storage -> storage.deleteOwn(DESCRIPTION),
            storage -> storage.deleteOwn(PUT),
            storage -> describe(storage, Arrays.copyOf(description(storage), 50)),
            storage -> storage.rotOwn(DESCRIPTION, 40),
            storage -> {
                try (WriteHandle out = storage.write(PUT)) {
                    out.truncate(CONTENT.length - 1);
                }
            }
        }) {
            MemoryStorage storage = putAndLoseRecords(damage);
            LocalFiles files = fixture.open(storage);

            assertThat(storage.ownNames(Area.PUTS)).isEmpty();
            files.close();
            storage.assertNothingOpen();
        }
    }

    /** A wrong guess would delete the only copy of somebody else's file: nothing is opened, and nothing is touched. */
    @Test
    void refusesADescriptionOfAnotherGroupOrOfANewerBuild() throws Exception {
        GroupId other = GroupId.of("99999999-2222-3333-4444-555555555555");
        MemoryStorage foreign = putAndLoseRecords(
                storage -> describe(storage, new PutContent(A, MINE.sha256(), CONTENT.length, 0).toBytes(other)));
        MemoryStorage newer = putAndLoseRecords(storage -> {
            byte[] bytes = description(storage);
            bytes[11] = 2;
            describe(storage, withCrc(bytes));
        });

        assertThatThrownBy(() -> fixture.open(foreign))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("belongs to group " + other);
        assertThatThrownBy(() -> fixture.open(newer))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("format version 2");
        assertThat(foreign.ownNames(Area.PUTS)).hasSize(2);
        assertThat(newer.ownNames(Area.PUTS)).hasSize(2);
        foreign.assertNothingOpen();
        newer.assertNothingOpen();
    }
}
