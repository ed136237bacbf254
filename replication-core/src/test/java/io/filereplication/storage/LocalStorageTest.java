package io.filereplication.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FilePath;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.ReadHandle;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The local file system keeps the contract, stays below its root, and refuses a root where it could not. */
final class LocalStorageTest extends StorageBackendContract {
    private static final OwnName STAGED = new OwnName(Area.STAGED, "two");

    @TempDir
    Path temporary;

    private Path root() {
        return temporary.resolve("root");
    }

    @Override
    protected StorageBackend open() throws StorageException {
        return LocalStorage.open(root());
    }

    @Override
    protected StorageBackend reopen(StorageBackend storage) throws StorageException {
        return LocalStorage.open(root());
    }

    private Path elsewhere() {
        return temporary.resolve("elsewhere");
    }

    private LocalStorage second() throws StorageException {
        return LocalStorage.open(elsewhere());
    }

    private static void stage(StorageBackend storage, OwnName name) throws StorageException {
        try (WriteHandle out = storage.write(name)) {
            out.append(ByteBuffer.wrap("bytes".getBytes(StandardCharsets.UTF_8)));
            out.sync();
        }
    }

    /** What is not verified, or was removed, is nobody else's; what is published has the process's ordinary permissions. */
    @Test
    void onlyTheOwnerGetsIntoTheOwnDirectory() throws Exception {
        try (LocalStorage storage = second()) {
            stage(storage, STAGED);
            Path own = elsewhere().resolve(FilePath.RESERVED_SEGMENT);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void preservesByAHardLink() throws Exception {
        try (LocalStorage storage = second()) {
            stage(storage, STAGED);
            storage.commit(STAGED, FilePath.of("a"));
            storage.preserve(FilePath.of("a"), new OwnName(Area.TRASH, "kept"));

            assertThat(Files.getAttribute(inTrash("kept"), "unix:ino"))
                    .isEqualTo(Files.getAttribute(elsewhere().resolve("a"), "unix:ino"));
        }
    }

    static Stream<SecondName.HardLink> refusals() {
        return Stream.of(
                (name, existing) -> {
                    throw new FileSystemException(name.toString(), existing.toString(), "Operation not permitted");
                },
                (name, existing) -> {
                    throw new UnsupportedOperationException();
                });
    }

    /** Some file systems give a file one name only, and a kernel may refuse a second one for a file of another user. */
    @ParameterizedTest
    @MethodSource("refusals")
    void preservesByACopyWhereHardLinksAreRefused(SecondName.HardLink refusal) throws Exception {
        try (LocalStorage storage = LocalStorage.open(elsewhere(), refusal)) {
            stage(storage, STAGED);
            storage.commit(STAGED, FilePath.of("a"));
            storage.preserve(FilePath.of("a"), new OwnName(Area.TRASH, "kept"));
            stage(storage, STAGED);
            storage.commit(STAGED, FilePath.of("a"));

            assertThat(storage.ownNames(Area.TRASH)).containsExactly("kept");
            assertThat(inTrash("kept")).hasContent("bytes");
            assertThat(Files.getAttribute(inTrash("kept"), "unix:ino"))
                    .isNotEqualTo(Files.getAttribute(elsewhere().resolve("a"), "unix:ino"));
        }
    }

    @Test
    void preservesNoSymbolicLink() throws Exception {
        try (LocalStorage storage = second()) {
            Files.createSymbolicLink(elsewhere().resolve("link"), Files.writeString(temporary.resolve("secret"), "s"));

            assertThatThrownBy(() -> storage.preserve(FilePath.of("link"), new OwnName(Area.TRASH, "kept")))
                    .isInstanceOf(PathConflictException.class);
            assertThat(storage.ownNames(Area.TRASH)).isEmpty();
        }
    }

    @Test
    void tellsAnInterruptFromAnUnreadableFile() throws Exception {
        try (LocalStorage storage = second()) {
            stage(storage, STAGED);
            storage.commit(STAGED, FilePath.of("a"));
            try (ReadHandle in = Objects.requireNonNull(storage.open(FilePath.of("a")))) {
                Thread.currentThread().interrupt();

                assertThatThrownBy(() -> in.read(ByteBuffer.allocate(1), 0))
                        .isInstanceOf(StorageInterruptedException.class);
                assertThat(Thread.interrupted()).isTrue();
            }
        }
    }

    private Path inTrash(String name) {
        return elsewhere().resolve(FilePath.RESERVED_SEGMENT).resolve("trash").resolve(name);
    }

    @Test
    void refusesASymbolicLinkOnTheWayAlsoOneThatAppearsLater() throws Exception {
        try (LocalStorage storage = second()) {
            Path outside = Files.createDirectory(temporary.resolve("outside"));
            Files.writeString(outside.resolve("secret"), "secret");
            stage(storage, STAGED);
            Files.createSymbolicLink(elsewhere().resolve("link"), outside);
            FilePath through = FilePath.of("link/secret");

            assertThatThrownBy(() -> storage.stamp(through)).isInstanceOf(PathConflictException.class);
            assertThatThrownBy(() -> storage.open(through)).isInstanceOf(PathConflictException.class);
            assertThatThrownBy(() -> storage.delete(through)).isInstanceOf(PathConflictException.class);
            assertThatThrownBy(() -> storage.commit(STAGED, through)).isInstanceOf(PathConflictException.class);
            assertThatThrownBy(() -> storage.withdraw(through, new OwnName(Area.TRASH, "x")))
                    .isInstanceOf(PathConflictException.class);
            assertThat(Files.readString(outside.resolve("secret"))).isEqualTo("secret");
            List<FilePath> found = new ArrayList<>();
            storage.list("", found::add);
            assertThat(found).isEmpty();
        }
    }

    @Test
    void refusesASymbolicLinkInTheFilesPlace() throws Exception {
        try (LocalStorage storage = second()) {
            Path secret = Files.writeString(temporary.resolve("secret"), "secret");
            Files.createSymbolicLink(elsewhere().resolve("a"), secret);
            stage(storage, STAGED);
            FilePath path = FilePath.of("a");

            assertThatThrownBy(() -> storage.open(path)).isInstanceOf(PathConflictException.class);
            assertThatThrownBy(() -> storage.commit(STAGED, path)).isInstanceOf(PathConflictException.class);
            assertThat(Files.readString(secret)).isEqualTo("secret");
        }
    }

    @Test
    void aGlanceSeesFilesAndRefusesLinksThatLeadAnywhere() throws Exception {
        try (LocalStorage storage = second()) {
            FilePath path = FilePath.of("a");
            assertThat(storage.glance(path)).isNull();

            Files.createSymbolicLink(elsewhere().resolve("a"), temporary.resolve("nowhere"));
            assertThat(storage.glance(path)).isNull();
            assertThatThrownBy(() -> storage.stamp(path)).isInstanceOf(PathConflictException.class);

            Files.writeString(temporary.resolve("nowhere"), "somewhere");
            assertThatThrownBy(() -> storage.glance(path)).isInstanceOf(PathConflictException.class);

            Files.delete(elsewhere().resolve("a"));
            stage(storage, STAGED);
            storage.commit(STAGED, path);
            assertThat(storage.glance(path)).isNotNull().isEqualTo(storage.stamp(path));
        }
    }

    @Test
    void seesBeforeACommitALinkThatLeadsNowhere() throws Exception {
        try (LocalStorage storage = second()) {
            Path link = Files.createSymbolicLink(elsewhere().resolve("a"), temporary.resolve("nowhere"));

            assertThatThrownBy(() -> storage.stampBeforeCommit(FilePath.of("a")))
                    .isInstanceOf(PathConflictException.class);
            assertThat(link).isSymbolicLink();
        }
    }

    @Test
    void opensNothingButAFileInTheExpectedPlace() throws Exception {
        try (LocalStorage storage = second()) {
            FilePath path = FilePath.of("a");
            stage(storage, STAGED);
            storage.commit(STAGED, path);
            FileStamp stamp = Objects.requireNonNull(storage.stamp(path));
            Path place = elsewhere().resolve("a");
            Files.move(place, elsewhere().resolve("b"));
            Files.createSymbolicLink(place, elsewhere().resolve("b"));
            assertThat(storage.openIfStill(path, stamp)).isNull();

            Files.delete(place);
            Files.createDirectory(place);
            assertThat(storage.openIfStill(path, stamp)).isNull();
        }
    }

    /** Also to the very file that is looked for. */
    @Test
    void opensNothingBehindALinkOnTheWay() throws Exception {
        try (LocalStorage storage = second()) {
            FilePath path = FilePath.of("d/a");
            stage(storage, STAGED);
            storage.commit(STAGED, path);
            FileStamp stamp = Objects.requireNonNull(storage.stamp(path));
            Path outside = Files.move(elsewhere().resolve("d"), temporary.resolve("outside"));
            Files.createSymbolicLink(elsewhere().resolve("d"), outside);

            assertThatThrownBy(() -> storage.openIfStill(path, stamp)).isInstanceOf(PathConflictException.class);
        }
    }

    @Test
    void seesBeforeACommitAFileWhereADirectoryMustBe() throws Exception {
        try (LocalStorage storage = second()) {
            Files.writeString(elsewhere().resolve("d"), "somebody's");

            assertThatThrownBy(() -> storage.stampBeforeCommit(FilePath.of("d/a")))
                    .isInstanceOf(PathConflictException.class);
            assertThat(storage.stampBeforeCommit(FilePath.of("none/a"))).isNull();
        }
    }

    @Test
    void refusesALinkInThePlaceOfItsOwnDirectory() throws Exception {
        try (LocalStorage storage = second()) {
            Path staged = elsewhere().resolve(".filereplication/staged");
            Files.delete(staged);
            Path outside = Files.createDirectory(temporary.resolve("outside"));
            Files.createSymbolicLink(staged, outside);

            assertThatThrownBy(() -> storage.write(STAGED)).isInstanceOf(PathConflictException.class);
            assertThat(outside).isEmptyDirectory();
        }
    }

    @Test
    void refusesARootThatIsNotTheSameAnyMore() throws Exception {
        try (LocalStorage storage = second()) {
            Files.move(elsewhere(), temporary.resolve("unmounted"));
            Files.createDirectory(elsewhere());

            assertThatThrownBy(() -> storage.stamp(FilePath.of("a"))).hasMessageContaining("unmounted");
            assertThatThrownBy(() -> storage.write(STAGED)).isInstanceOf(PathConflictException.class);
        }
    }

    @Test
    void refusesAnotherFileSystemBelowTheRoot() throws Exception {
        // Every Linux has a second file system at /proc; its device stands for a mount point below the root.
        LocalTree tree = new LocalTree(temporary.toRealPath());

        assertThatThrownBy(() -> tree.check(Path.of("/proc"))).hasMessageContaining("another file system");
    }

    @Test
    void refusesARootThatIsInUse() {
        assertThatThrownBy(() -> LocalStorage.open(root())).hasMessageContaining("in use");
    }

    @Test
    void refusesARootBelowWhichTheLongestPathDoesNotFit() throws Exception {
        Path deep = temporary.toRealPath();
        while (deep.toString().length() + 101 <= LocalChecks.MAX_ROOT_BYTES) {
            deep = deep.resolve("d".repeat(100));
        }
        Path longest = deep.resolve(
                "e".repeat(LocalChecks.MAX_ROOT_BYTES - deep.toString().length() - 1));

        assertThatThrownBy(() -> LocalStorage.open(longest.resolveSibling(longest.getFileName() + "e")))
                .hasMessageContaining("limit of 4096");
        try (LocalStorage storage = LocalStorage.open(longest)) {
            String path = ("p".repeat(255) + "/").repeat(12);
            FilePath full = FilePath.of(path.substring(0, path.length() - 1));
            stage(storage, STAGED);
            storage.commit(STAGED, full);
            assertThat(storage.stamp(full)).isNotNull();
            storage.delete(full);
        }
    }

    @Test
    void refusesFileNamesThatAreNotUtf8() {
        assertThatThrownBy(() -> LocalChecks.nameEncoding("ANSI_X3.4-1968")).hasMessageContaining("UTF-8 locale");
        assertThatThrownBy(() -> LocalChecks.nameEncoding(null)).isInstanceOf(StorageException.class);
    }

    @Test
    void refusesAFileSystemThatFoldsCase() {
        assertThatThrownBy(() -> LocalChecks.names(temporary, () -> true)).hasMessageContaining("upper case");
        assertThat(temporary.toFile().list()).containsExactly("root");
    }

    @Test
    void anInterruptedThreadStillMakesNamesDurableAndKeepsItsFlag() throws Exception {
        try (LocalStorage storage = second()) {
            stage(storage, STAGED);
            Thread.currentThread().interrupt();
            storage.commit(STAGED, FilePath.of("a/b"));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(storage.stamp(FilePath.of("a/b"))).isNotNull();
        }
    }

    @Test
    void anInterruptDoesNotCloseTheRecords() throws Exception {
        try (LocalStorage storage = second();
                WriteHandle log = storage.write(new OwnName(Area.RECORDS, "log"))) {
            Thread.currentThread().interrupt();
            log.append(ByteBuffer.wrap(new byte[3]));
            log.sync();
            assertThat(Thread.interrupted()).isTrue();
            log.append(ByteBuffer.wrap(new byte[3]));
            assertThat(log.length()).isEqualTo(6);
        }
    }

    @Test
    void publishesAndPrunesOneDirectoryFromManyThreads() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (LocalStorage storage = second()) {
            List<Callable<Void>> work = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int number = thread;
                work.add(() -> {
                    for (int i = 0; i < 200; i++) {
                        OwnName name = new OwnName(Area.STAGED, "t" + number);
                        FilePath path = FilePath.of("x/y/" + number);
                        stage(storage, name);
                        storage.commit(name, path);
                        storage.delete(path);
                    }
                    return null;
                });
            }
            for (Future<Void> done : pool.invokeAll(work)) {
                done.get();
            }
            assertThat(elsewhere().resolve("x")).doesNotExist();
        } finally {
            pool.shutdownNow();
        }
    }

    /** Its root may be somebody else's by then, who counts on being alone in it. */
    @Test
    void changesAndShowsNothingAfterItWasClosed(@TempDir Path directory) throws Exception {
        LocalStorage closed = LocalStorage.open(directory);
        FilePath path = FilePath.of("a/b");
        OwnName own = new OwnName(Area.PUTS, "1");
        closed.write(own).close();
        closed.close();

        assertThatThrownBy(() -> closed.write(new OwnName(Area.PUTS, "2"))).hasMessageContaining("2");
        assertThatThrownBy(() -> closed.deleteOwn(own)).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> closed.commit(own, path)).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> closed.stamp(path)).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> closed.open(path)).isInstanceOf(StorageException.class);
        try (LocalStorage next = LocalStorage.open(directory)) {
            assertThat(next.ownNames(Area.PUTS)).containsExactly("1");
        }
    }
}
