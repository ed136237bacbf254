package io.filereplication.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FilePath;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.Commit;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link StorageBackend} must do. A subclass says how one is opened and whether it can continue staged bytes. */
public abstract class StorageBackendContract {
    private static final OwnName STAGED = new OwnName(Area.STAGED, "one");

    private @Nullable StorageBackend opened;

    /** Opens an empty storage. */
    protected abstract StorageBackend open() throws Exception;

    /** Opens what {@code storage}, now closed, left behind. */
    protected abstract StorageBackend reopen(StorageBackend storage) throws Exception;

    /** Whether staged bytes can be continued by a later handle. */
    protected boolean canAppend() {
        return true;
    }

    @BeforeEach
    void openEmpty() throws Exception {
        opened = open();
    }

    @AfterEach
    void close() {
        storage().close();
        storage().close();
    }

    private StorageBackend storage() {
        return Objects.requireNonNull(opened);
    }

    private void reopen() throws Exception {
        storage().close();
        opened = reopen(storage());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void stage(OwnName name, String text) throws StorageException {
        try (WriteHandle out = storage().write(name)) {
            out.append(ByteBuffer.wrap(bytes(text)));
            out.sync();
        }
    }

    private void publish(String path, String text) throws StorageException {
        stage(STAGED, text);
        storage().commit(STAGED, FilePath.of(path));
    }

    private @Nullable String published(String path) throws StorageException {
        try (ReadHandle in = storage().open(FilePath.of(path))) {
            return in == null ? null : read(in);
        }
    }

    private @Nullable String own(OwnName name) throws StorageException {
        try (ReadHandle in = storage().openOwn(name)) {
            return in == null ? null : read(in);
        }
    }

    private static String read(ReadHandle in) throws StorageException {
        ByteBuffer buffer = ByteBuffer.allocate((int) in.stamp().sizeBytes());
        int read = 0;
        while (buffer.hasRemaining() && read >= 0) {
            read = in.read(buffer, buffer.position());
        }
        return new String(buffer.array(), StandardCharsets.UTF_8);
    }

    @Test
    void publishesStagedBytesUnderTheirPathAndMakesDirectories() throws Exception {
        publish("a/b/c.parquet", "bytes");

        assertThat(published("a/b/c.parquet")).isEqualTo("bytes");
        assertThat(storage().ownNames(Area.STAGED)).isEmpty();
        reopen();
        assertThat(published("a/b/c.parquet")).isEqualTo("bytes");
    }

    @Test
    void opensAFileOnlyWhileItIsTheOneThatIsExpected() throws Exception {
        FilePath path = FilePath.of("a/b");
        publish("a/b", "first");
        FileStamp first = Objects.requireNonNull(storage().stamp(path));

        try (ReadHandle in = Objects.requireNonNull(storage().openIfStill(path, first))) {
            assertThat(in.stamp()).isEqualTo(first);
            assertThat(read(in)).isEqualTo("first");
        }
        publish("a/b", "other");
        assertThat(storage().openIfStill(path, first)).isNull();
        storage().delete(path);
        assertThat(storage().openIfStill(path, first)).isNull();
    }

    @Test
    void saysBeforeACommitWhatItWouldReplace() throws Exception {
        FilePath path = FilePath.of("a/b");
        assertThat(storage().stampBeforeCommit(path)).isNull();
        publish("a/c", "beside it");
        assertThat(storage().stampBeforeCommit(path)).isNull();

        publish("a/b", "bytes");
        assertThat(storage().stampBeforeCommit(path))
                .isNotNull()
                .isEqualTo(storage().stamp(path));
        assertThat(published("a/b")).isEqualTo("bytes");
    }

    @Test
    void keepsTheStampOfStagedBytesWhenTheyArePublished() throws Exception {
        FileStamp staged;
        try (WriteHandle out = storage().write(STAGED)) {
            out.append(ByteBuffer.wrap(bytes("bytes")));
            out.sync();
            staged = out.stamp();
        }
        storage().commit(STAGED, FilePath.of("a"));

        assertThat(storage().stamp(FilePath.of("a"))).isEqualTo(staged);
        assertThat(staged.sizeBytes()).isEqualTo(5);
    }

    /** Lesson 20: an empty file is a file. */
    @Test
    void publishesAnEmptyFile() throws Exception {
        publish("empty", "");

        assertThat(published("empty")).isEmpty();
        FileStamp stamp = storage().stamp(FilePath.of("empty"));
        assertThat(stamp).isNotNull();
        try (ReadHandle in = Objects.requireNonNull(storage().open(FilePath.of("empty")))) {
            assertThat(in.read(ByteBuffer.allocate(1), 0)).isEqualTo(-1);
        }
    }

    @Test
    void replacesAFileWhileAnOpenReaderKeepsTheOldBytes() throws Exception {
        publish("a", "before");
        FileStamp before = storage().stamp(FilePath.of("a"));
        try (ReadHandle reader = Objects.requireNonNull(storage().open(FilePath.of("a")))) {
            publish("a", "after.");

            assertThat(read(reader)).isEqualTo("before");
            assertThat(published("a")).isEqualTo("after.");
            assertThat(storage().stamp(FilePath.of("a"))).isNotEqualTo(before);
        }
    }

    @Test
    void deletesAFileAndTheDirectoriesThatAreEmptyThereby() throws Exception {
        publish("a/b/c", "bytes");
        publish("a/d", "bytes");

        storage().delete(FilePath.of("a/b/c"));
        storage().delete(FilePath.of("a/b/c"));
        publish("a/b", "a file in the directory's place");

        assertThat(published("a/d")).isEqualTo("bytes");
        assertThat(published("a/b")).isEqualTo("a file in the directory's place");
    }

    @Test
    void readsOfADeletedFileGoOn() throws Exception {
        publish("a", "bytes");
        try (ReadHandle reader = Objects.requireNonNull(storage().open(FilePath.of("a")))) {
            storage().delete(FilePath.of("a"));

            assertThat(read(reader)).isEqualTo("bytes");
        }
        assertThat(published("a")).isNull();
        assertThat(storage().stamp(FilePath.of("a"))).isNull();
    }

    @Test
    void withdrawsAPublishedFile() throws Exception {
        publish("a/b", "bytes");
        OwnName trash = new OwnName(Area.TRASH, "0001");

        storage().withdraw(FilePath.of("a/b"), trash);

        assertThat(published("a/b")).isNull();
        assertThat(own(trash)).isEqualTo("bytes");
        assertThat(storage().ownNames(Area.TRASH)).containsExactly("0001");
        storage().deleteOwn(trash);
        storage().deleteOwn(trash);
        assertThat(storage().ownNames(Area.TRASH)).isEmpty();
    }

    @Test
    void preservesAPublishedFileWhileItKeepsItsNameAndWhenItLosesIt() throws Exception {
        publish("a/b", "before");
        FileStamp stamp = storage().stamp(FilePath.of("a/b"));
        OwnName trash = new OwnName(Area.TRASH, "0001");

        storage().preserve(FilePath.of("a/b"), trash);

        assertThat(published("a/b")).isEqualTo("before");
        assertThat(storage().stamp(FilePath.of("a/b"))).isEqualTo(stamp);
        assertThat(own(trash)).isEqualTo("before");
        publish("a/b", "after");
        assertThat(published("a/b")).isEqualTo("after");
        assertThat(own(trash)).isEqualTo("before");
        reopen();
        assertThat(published("a/b")).isEqualTo("after");
        assertThat(own(trash)).isEqualTo("before");
        storage().deleteOwn(trash);
        assertThat(published("a/b")).isEqualTo("after");
        assertThat(storage().ownNames(Area.TRASH)).isEmpty();
    }

    @Test
    void publishesSeveralFilesAtOnceIntoDirectoriesOldAndNew() throws Exception {
        publish("a/old", "before");
        List<Commit> commits = new ArrayList<>();
        for (String path : List.of("a/old", "a/b/c", "a/b/d", "e", "a/f")) {
            commits.add(stagedFor(path));
        }

        assertThat(storage().commitAll(commits)).hasSize(5).containsOnlyNulls();

        reopen();
        for (Commit commit : commits) {
            String path = commit.path().value();
            assertThat(published(path)).isEqualTo("for " + path);
        }
        assertThat(storage().ownNames(Area.STAGED)).isEmpty();
        assertThat(storage().commitAll(List.of())).isEmpty();
    }

    @Test
    void ofSeveralFilesOneThatCannotBePublishedFailsAlone() throws Exception {
        publish("file", "a file");
        publish("directory/b", "below");
        Commit first = stagedFor("a/first");
        Commit below = stagedFor("file/below");
        Commit missing = new Commit(new OwnName(Area.STAGED, "missing"), FilePath.of("a/missing"));
        Commit above = stagedFor("directory");
        Commit last = stagedFor("a/last");

        List<@Nullable StorageException> failures = storage().commitAll(List.of(first, below, missing, above, last));

        assertThat(failures.get(0)).isNull();
        assertThat(failures.get(1)).isInstanceOf(PathConflictException.class);
        assertThat(failures.get(2)).isInstanceOf(StorageException.class);
        assertThat(failures.get(3)).isInstanceOf(PathConflictException.class);
        assertThat(failures.get(4)).isNull();
        assertThat(published("a/first")).isEqualTo("for a/first");
        assertThat(published("a/last")).isEqualTo("for a/last");
        assertThat(published("file")).isEqualTo("a file");
        assertThat(published("directory/b")).isEqualTo("below");
        assertThat(own(below.from())).isEqualTo("for file/below");
        assertThat(own(above.from())).isEqualTo("for directory");
    }

    private Commit stagedFor(String path) throws StorageException {
        OwnName name = new OwnName(Area.STAGED, "for-" + path.replace('/', '-'));
        stage(name, "for " + path);
        return new Commit(name, FilePath.of(path));
    }

    @Test
    void preservesNothingOverAnOwnFileNorWhatIsNotThere() throws Exception {
        publish("a", "published");
        OwnName trash = new OwnName(Area.TRASH, "0001");
        stage(trash, "kept");

        assertThatThrownBy(() -> storage().preserve(FilePath.of("a"), trash)).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> storage().preserve(FilePath.of("b"), new OwnName(Area.TRASH, "0002")))
                .isInstanceOf(StorageException.class);

        assertThat(own(trash)).isEqualTo("kept");
        assertThat(published("a")).isEqualTo("published");
        assertThat(storage().ownNames(Area.TRASH)).containsExactly("0001");
    }

    @Test
    void listsPublishedFilesByPrefixAndNothingOfItsOwn() throws Exception {
        publish("a/b", "1");
        publish("a/bc/d", "2");
        publish("b", "3");
        stage(STAGED, "not published");
        List<FilePath> found = new ArrayList<>();

        storage().list("a/b", found::add);

        assertThat(found).containsExactlyInAnyOrder(FilePath.of("a/b"), FilePath.of("a/bc/d"));
        found.clear();
        storage().list("", found::add);
        assertThat(found).containsExactlyInAnyOrder(FilePath.of("a/b"), FilePath.of("a/bc/d"), FilePath.of("b"));
    }

    /** Lesson 40: a file on the way to another is a typed conflict, not a crash of the rename. */
    @Test
    void refusesAFileWhereADirectoryMustBe() throws Exception {
        publish("a", "file");

        assertThatThrownBy(() -> publish("a/b", "below")).isInstanceOf(PathConflictException.class);
        assertThat(published("a")).isEqualTo("file");
        assertThat(own(STAGED)).isEqualTo("below");
    }

    /** Lesson 40, the other way round. */
    @Test
    void refusesADirectoryWithFilesWhereAFileMustBe() throws Exception {
        publish("a/b", "below");

        assertThatThrownBy(() -> publish("a", "file")).isInstanceOf(PathConflictException.class);
        assertThat(published("a/b")).isEqualTo("below");
    }

    @Test
    void continuesStagedBytesOrSaysThatItCannot() throws Exception {
        stage(STAGED, "12345");
        reopen();
        try (WriteHandle out = storage().write(STAGED)) {
            assertThat(out.length()).isEqualTo(5);
            if (canAppend()) {
                out.truncate(3);
                out.append(ByteBuffer.wrap(bytes("678")));
                assertThat(out.length()).isEqualTo(6);
            } else {
                assertThatThrownBy(() -> out.append(ByteBuffer.wrap(bytes("6"))))
                        .isInstanceOf(ResumeNotSupportedException.class);
                assertThatThrownBy(() -> out.truncate(3)).isInstanceOf(ResumeNotSupportedException.class);
            }
        }
        assertThat(own(STAGED)).isEqualTo(canAppend() ? "123678" : "12345");
    }

    @Test
    void beginsStagedBytesAgainAtZero() throws Exception {
        stage(STAGED, "12345");
        try (WriteHandle out = storage().write(STAGED)) {
            out.truncate(0);
            out.append(ByteBuffer.wrap(bytes("ab")));
            ByteBuffer back = ByteBuffer.allocate(10);
            assertThat(out.read(back, 1)).isEqualTo(1);
            assertThat(back.get(0)).isEqualTo((byte) 'b');
            assertThat(out.read(back, 2)).isEqualTo(-1);
        }
        assertThat(own(STAGED)).isEqualTo("ab");
    }

    @Test
    void appendsEveryKindOfBuffer() throws Exception {
        byte[] random = new byte[3_000_000];
        new Random(7).nextBytes(random);
        ByteBuffer direct = ByteBuffer.allocateDirect(random.length).put(random).flip();
        ByteBuffer inTheMiddle = ByteBuffer.wrap(random, 5, 10);
        for (Area area : List.of(Area.STAGED, Area.RECORDS)) {
            OwnName name = new OwnName(area, "buffers");
            try (WriteHandle out = storage().write(name)) {
                out.append(direct.duplicate());
                out.append(inTheMiddle.duplicate());
                out.append(ByteBuffer.wrap(random).asReadOnlyBuffer().limit(3));
                assertThat(out.length()).isEqualTo(random.length + 13);
            }
            try (ReadHandle in = Objects.requireNonNull(storage().openOwn(name))) {
                ByteBuffer back = ByteBuffer.allocate(random.length + 13);
                while (back.hasRemaining()) {
                    assertThat(in.read(back, back.position())).isPositive();
                }
                assertThat(ByteBuffer.wrap(back.array(), 0, random.length)).isEqualTo(ByteBuffer.wrap(random));
                assertThat(ByteBuffer.wrap(back.array(), random.length, 10)).isEqualTo(inTheMiddle);
            }
        }
    }

    @Test
    void takesTheLongestPathAndNamesBeyondAscii() throws Exception {
        String segment = "\u4e2d".repeat(85);
        String longest = (segment + "/").repeat(12);
        String path = longest.substring(0, longest.length() - 1);
        assertThat(FilePath.of(path).utf8Length()).isEqualTo(3_071);

        publish(path, "deep");

        assertThat(published(path)).isEqualTo("deep");
        storage().delete(FilePath.of(path));
        List<FilePath> left = new ArrayList<>();
        storage().list("", left::add);
        assertThat(left).isEmpty();
    }

    @Test
    void saysHowMuchRoomThereIs() throws Exception {
        assertThat(storage().space().totalBytes()).isPositive();
        assertThat(storage().space().freeBytes())
                .isBetween(0L, storage().space().totalBytes());
    }
}
