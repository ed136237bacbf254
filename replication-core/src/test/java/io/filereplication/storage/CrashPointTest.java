package io.filereplication.storage;

import static io.filereplication.storage.Fixture.bytes;
import static io.filereplication.storage.Fixture.digests;
import static io.filereplication.storage.Fixture.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles.Disposal;
import io.filereplication.storage.LocalFiles.Presence;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.LocalFiles.Removal;
import io.filereplication.storage.StorageBackend.Area;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Lesson 11: the machine stops at every single step of a publication, a replacement, a removal and a put, by losing its power (exactly
 * what was not fsynced is gone, or a random part of it) or by a kill; and each time the same is asked of what is found afterwards.
 */
final class CrashPointTest {
    private static final byte[] BEFORE = bytes(PrefixDigests.CHUNK_BYTES + 5, 1);
    private static final byte[] AFTER = bytes(PrefixDigests.CHUNK_BYTES + 5, 2);
    private static final FilePath A = FilePath.of("d/e/a");
    private static final FileEntry FIRST = entry("d/e/a", BEFORE, 1);
    private static final FileEntry SECOND = entry("d/e/a", AFTER, 2);

    /** How a crash ends: 0 loses all that was not fsynced, 1 loses nothing, the others some of it. */
    private static final int ENDS = 6;

    private static MemoryStorage end(MemoryStorage storage, int kind, long step) {
        return switch (kind) {
            case 0 -> storage.crash();
            case 1 -> storage.kill();
            default -> storage.crash(new Random(1_000L * kind + step));
        };
    }

    /** Something that is interrupted by the crash. */
    private interface Work {
        void run(Fixture fixture, MemoryStorage storage, LocalFiles files) throws Exception;
    }

    /** What must be true afterwards. */
    private interface Check {
        /** {@code finished} tells whether the work had returned before the crash. */
        void run(Fixture fixture, MemoryStorage storage, LocalFiles files, boolean finished) throws Exception;
    }

    private static void crashEverywhere(Work before, Work work, Check check) throws Exception {
        for (int kind = 0; kind < ENDS; kind++) {
            boolean finished = false;
            for (long step = 1; !finished; step++) {
                Fixture fixture = new Fixture();
                MemoryStorage first = new MemoryStorage();
                LocalFiles earlier = fixture.open(first);
                before.run(fixture, first, earlier);
                earlier.close();
                MemoryStorage second = first.reopen();
                LocalFiles files = fixture.open(second);
                second.crashAtStep(second.steps().size() + step);
                finished = runUntilCrash(work, fixture, second, files);
                MemoryStorage third = end(second, kind, step);
                LocalFiles found = fixture.open(third);
                check.run(fixture, third, found, finished);
                found.close();
                third.assertNothingOpen();
            }
        }
    }

    private static boolean runUntilCrash(Work work, Fixture fixture, MemoryStorage storage, LocalFiles files)
            throws Exception {
        try {
            work.run(fixture, storage, files);
            return true;
        } catch (SimulatedCrash e) {
            return false;
        }
    }

    /** What is visible is one of these; the records agree with it; and nothing of ours is left that nobody knows. */
    private static void onlyWhole(MemoryStorage storage, LocalFiles files, FileEntry... versions) throws Exception {
        Map<FilePath, byte[]> published = storage.published();
        assertThat(published.keySet()).isSubsetOf(A);
        byte[] content = published.get(A);
        for (FileEntry version : versions) {
            boolean here = content != null && Arrays.equals(content, version.equals(FIRST) ? BEFORE : AFTER);
            assertThat(files.presence(version)).isEqualTo(here ? Presence.HERE : Presence.ABSENT);
            assertThat(files.records(version.version())).isEqualTo(here);
        }
        assertThat(content == null || versions.length > 0).isTrue();
    }

    private static void nothingLeft(MemoryStorage storage, LocalFiles files) throws Exception {
        files.dropStaged(KeptLeftovers.NONE);
        assertThat(storage.ownNames(Area.STAGED)).isEmpty();
        assertThat(storage.ownNames(Area.PUTS)).isEmpty();
        assertThat(storage.ownNames(Area.TRASH)).isEmpty();
    }

    @Test
    void aPublicationLeavesNothingOrTheWholeFile() throws Exception {
        crashEverywhere(
                (fixture, storage, files) -> fixture.manifest.register(FIRST),
                (fixture, storage, files) -> fixture.publish(files, FIRST, BEFORE),
                (fixture, storage, files, finished) -> {
                    byte[] content = storage.published().get(A);
                    assertThat(content == null || Arrays.equals(content, BEFORE))
                            .isTrue();
                    assertThat(content != null || !finished)
                            .as("durable on return")
                            .isTrue();
                    onlyWhole(storage, files, FIRST);
                    if (files.presence(FIRST) == Presence.ABSENT) {
                        assertThat(fixture.publish(files, FIRST, BEFORE)).isEqualTo(new Publication.Published(null));
                    }
                    onlyWhole(storage, files, FIRST);
                    assertThat(Arrays.equals(storage.published().get(A), BEFORE))
                            .isTrue();
                    nothingLeft(storage, files);
                });
    }

    @Test
    void aReplacementLeavesTheOldOrTheNewWholeFile() throws Exception {
        crashEverywhere(
                (fixture, storage, files) -> {
                    fixture.pull(files, FIRST, BEFORE);
                    fixture.manifest.register(SECOND);
                },
                (fixture, storage, files) -> fixture.publish(files, SECOND, AFTER),
                (fixture, storage, files, finished) -> {
                    byte[] content = storage.published().get(A);
                    assertThat(content).isNotNull();
                    assertThat(Arrays.equals(content, AFTER) || (Arrays.equals(content, BEFORE) && !finished))
                            .isTrue();
                    onlyWhole(storage, files, FIRST, SECOND);
                    if (files.presence(SECOND) == Presence.ABSENT) {
                        assertThat(fixture.publish(files, SECOND, AFTER)).isInstanceOf(Publication.Published.class);
                    }
                    onlyWhole(storage, files, FIRST, SECOND);
                    assertThat(Arrays.equals(storage.published().get(A), AFTER)).isTrue();
                    nothingLeft(storage, files);
                });
    }

    @Test
    void aRemovalLeavesTheWholeFileOrNothing() throws Exception {
        for (Disposal disposal : Disposal.values()) {
            crashEverywhere(
                    (fixture, storage, files) -> {
                        fixture.pull(files, FIRST, BEFORE);
                        fixture.manifest.delete(A, 2);
                    },
                    (fixture, storage, files) -> files.remove(A, new Lsn(2, 0), disposal, fixture.manifest),
                    (fixture, storage, files, finished) -> {
                        assertThat(finished && storage.published().containsKey(A))
                                .as("durable on return")
                                .isFalse();
                        onlyWhole(storage, files, FIRST);
                        Removal again = files.remove(A, new Lsn(2, 0), disposal, fixture.manifest);
                        Removal removed = disposal == Disposal.DELETE ? Removal.DELETED : Removal.MOVED;
                        assertThat(again).isIn(removed, Removal.NOTHING_HERE);
                        assertThat(storage.published()).isEmpty();
                        assertThat(files.page(null, 9)).isEmpty();
                        long kept = storage.ownNames(Area.TRASH).stream()
                                .filter(name -> !name.endsWith(".path"))
                                .count();
                        // Two, when the power failed between the new name and the loss of the old one: both are the
                        // same bytes.
                        assertThat(kept)
                                .isBetween(
                                        disposal == Disposal.DELETE ? 0L : 1L, disposal == Disposal.DELETE ? 0L : 2L);
                        fixture.wallMillis += Trash.KEPT.toMillis();
                        nothingLeft(storage, files);
                    });
        }
    }

    /** A registered path whose bytes are visible never becomes empty, and what nothing explains is never destroyed. */
    @Test
    void whatNothingExplainsIsReplacedWithoutAMomentInWhichTheNameIsEmpty() throws Exception {
        byte[] foreign = bytes(7, 3);
        crashEverywhere(
                (fixture, storage, files) -> {
                    storage.placeForeign(A, foreign);
                    fixture.manifest.register(FIRST);
                },
                (fixture, storage, files) -> {
                    files.barrierPassed(0);
                    fixture.publish(files, FIRST, BEFORE);
                },
                (fixture, storage, files, finished) -> {
                    byte[] content = storage.published().get(A);
                    assertThat(content).isNotNull();
                    if (!Arrays.equals(content, foreign)) {
                        assertThat(Arrays.equals(content, BEFORE)).isTrue();
                        assertThat(trashed(storage)).contains(foreign);
                    }
                    assertThat(finished && Arrays.equals(content, foreign)).isFalse();
                    files.barrierPassed(0);
                    if (files.presence(FIRST) == Presence.ABSENT) {
                        assertThat(fixture.publish(files, FIRST, BEFORE)).isEqualTo(new Publication.Published(null));
                    }
                    onlyWhole(storage, files, FIRST);
                    assertThat(trashed(storage)).isNotEmpty().allMatch(bytes -> Arrays.equals(bytes, foreign));
                    fixture.wallMillis += Trash.KEPT.toMillis();
                    nothingLeft(storage, files);
                    assertThat(Arrays.equals(storage.published().get(A), BEFORE))
                            .isTrue();
                });
    }

    /** Files that share fsyncs: each is as safe as one that is published alone, a replaced, a new and an unexplained one among them. */
    @Test
    void filesPublishedTogetherAreEachTheOldOrTheNewWholeFile() throws Exception {
        Map<FileEntry, byte[]> contents = new LinkedHashMap<>();
        contents.put(SECOND, AFTER);
        contents.put(entry("d/e/b", bytes(100, 4), 3), bytes(100, 4));
        contents.put(entry("n/e/w/c", bytes(101, 5), 4), bytes(101, 5));
        contents.put(entry("f", bytes(102, 6), 5), bytes(102, 6));
        byte[] foreign = bytes(7, 3);
        crashEverywhere(
                (fixture, storage, files) -> {
                    fixture.pull(files, FIRST, BEFORE);
                    storage.placeForeign(FilePath.of("f"), foreign);
                    contents.keySet().forEach(fixture.manifest::register);
                },
                (fixture, storage, files) -> {
                    files.barrierPassed(0);
                    publishTogether(fixture, files, contents);
                },
                (fixture, storage, files, finished) -> {
                    files.barrierPassed(0);
                    Map<FilePath, byte[]> found = storage.published();
                    assertThat(found.get(A)).isIn(BEFORE, AFTER);
                    assertThat(found.get(FilePath.of("f"))).isIn(foreign, bytes(102, 6));
                    for (Map.Entry<FileEntry, byte[]> each : contents.entrySet()) {
                        byte[] now = found.get(each.getKey().path());
                        boolean here = Arrays.equals(now, each.getValue());
                        assertThat(here || !finished).as("durable on return").isTrue();
                        assertThat(files.records(each.getKey().version())).isEqualTo(here);
                        if (!here) {
                            fixture.publish(files, each.getKey(), each.getValue());
                        }
                        assertThat(files.presence(each.getKey())).isEqualTo(Presence.HERE);
                    }
                    assertThat(storage.published()).hasSize(contents.size());
                    assertThat(trashed(storage)).isNotEmpty().allMatch(bytes -> Arrays.equals(bytes, foreign));
                    fixture.wallMillis += Trash.KEPT.toMillis();
                    nothingLeft(storage, files);
                });
    }

    private static void publishTogether(Fixture fixture, LocalFiles files, Map<FileEntry, byte[]> contents)
            throws Exception {
        List<LocalFiles.Whole> whole = new ArrayList<>();
        for (Map.Entry<FileEntry, byte[]> each : contents.entrySet()) {
            StagedFile staged = files.stage(each.getKey());
            staged.append(ByteBuffer.wrap(each.getValue()));
            whole.add(new LocalFiles.Whole(staged, digests(each.getValue()), each.getKey()));
        }
        assertThat(files.publishAll(whole, fixture.manifest))
                .hasSize(contents.size())
                .allMatch(outcome -> outcome instanceof LocalFiles.Outcome.Decided decided
                        && decided.publication() instanceof Publication.Published);
    }

    private static List<byte[]> trashed(MemoryStorage storage) throws StorageException {
        List<byte[]> kept = new ArrayList<>();
        for (String name : storage.ownNames(Area.TRASH)) {
            try (StorageBackend.ReadHandle in =
                    Objects.requireNonNull(storage.openOwn(new StorageBackend.OwnName(Area.TRASH, name)))) {
                ByteBuffer bytes = ByteBuffer.allocate((int) in.stamp().sizeBytes());
                in.read(bytes, 0);
                if (!name.endsWith(".path")) {
                    kept.add(bytes.array());
                }
            }
        }
        return kept;
    }

    /** Lesson 34: whatever the moment, the registered version stays, and a finished put is there to be settled. */
    @Test
    void aPutLeavesTheRegisteredVersionAndWhatItFinished() throws Exception {
        FileEntry mine = entry("d/e/a", AFTER, 2, Fixture.SELF);
        crashEverywhere(
                (fixture, storage, files) -> fixture.pull(files, FIRST, BEFORE),
                (fixture, storage, files) -> {
                    try (LocalFiles.PutFile put = files.beginPut(A, 0)) {
                        put.write(ByteBuffer.wrap(AFTER));
                        put.finish(Fixture.CREATED);
                    }
                },
                (fixture, storage, files, finished) -> {
                    assertThat(Arrays.equals(storage.published().get(A), BEFORE))
                            .isTrue();
                    onlyWhole(storage, files, FIRST);
                    try (StagedFile staged = files.stage(mine)) {
                        assertThat(staged.length()).isEqualTo(finished ? AFTER.length : staged.length());
                    }
                    nothingLeft(storage, files);
                });
    }

    /** Lesson 34: a put that was finished is found without any records too, and what was published meanwhile is no put any more. */
    @Test
    void aFinishedPutSurvivesACrashAndTheLossOfTheRecords() throws Exception {
        FileEntry mine = entry("d/e/a", AFTER, 2, Fixture.SELF);
        crashEverywhere(
                (fixture, storage, files) -> fixture.manifest.register(mine),
                (fixture, storage, files) -> {
                    try (LocalFiles.PutFile put = files.beginPut(A, 0)) {
                        put.write(ByteBuffer.wrap(AFTER));
                        put.finish(Fixture.CREATED);
                        fixture.putFinished = true;
                        try (StagedFile staged = files.stage(mine)) {
                            files.publish(staged, digests(AFTER), mine, fixture.manifest);
                        }
                    }
                },
                (fixture, storage, files, finished) -> {
                    files.close();
                    MemoryStorage bare = storage.reopen();
                    Fixture.loseRecords(bare);
                    LocalFiles found = fixture.open(bare);
                    boolean published = Arrays.equals(bare.published().get(A), AFTER);
                    if (published) {
                        assertThat(bare.ownNames(Area.PUTS)).isEmpty();
                        assertThat(found.verify(mine, 0)).isEqualTo(Presence.HERE);
                    }
                    assertThat(published || !finished).isTrue();
                    found.dropStaged(KeptLeftovers.ALL);
                    try (StagedFile staged = found.stage(mine)) {
                        if (fixture.putFinished && !published) {
                            assertThat(staged.length()).isEqualTo(AFTER.length);
                        }
                    }
                    fixture.putFinished = false;
                    nothingLeft(bare, found);
                    found.close();
                    bare.assertNothingOpen();
                });
    }

    /** A put's own bytes are published by renaming them; a crash in between loses neither version. */
    @Test
    void publishingAPutNeverLosesItsBytes() throws Exception {
        FileEntry mine = entry("d/e/a", AFTER, 2, Fixture.SELF);
        crashEverywhere(
                (fixture, storage, files) -> {
                    fixture.pull(files, FIRST, BEFORE);
                    try (LocalFiles.PutFile put = files.beginPut(A, 0)) {
                        put.write(ByteBuffer.wrap(AFTER));
                        put.finish(Fixture.CREATED);
                    }
                    fixture.manifest.register(mine);
                },
                (fixture, storage, files) -> {
                    try (StagedFile staged = files.stage(mine)) {
                        files.publish(staged, digests(AFTER), mine, fixture.manifest);
                    }
                },
                (fixture, storage, files, finished) -> {
                    if (files.presence(mine) == Presence.ABSENT) {
                        try (StagedFile staged = files.stage(mine)) {
                            assertThat(staged.length()).isEqualTo(AFTER.length);
                            files.publish(staged, digests(AFTER), mine, fixture.manifest);
                        }
                    }
                    assertThat(Arrays.equals(storage.published().get(A), AFTER)).isTrue();
                    onlyWhole(storage, files, FIRST, mine);
                    nothingLeft(storage, files);
                });
    }

    /** Lesson 11: the order on which all of the above rests. */
    @Test
    void fsyncsBytesThenIntentThenNewDirectoriesThenRenamesThenFsyncsBothDirectoriesThenRecords() throws Exception {
        Fixture fixture = new Fixture();
        MemoryStorage storage = new MemoryStorage();
        LocalFiles files = fixture.open(storage);
        fixture.pull(files, entry("first", new byte[1], 1), new byte[1]);
        int from = storage.steps().size();

        fixture.pull(files, FIRST, BEFORE);
        files.close();

        String staged = StagingArea.nameOf(FIRST.version()).toString();
        List<String> steps = storage.steps().subList(from, storage.steps().size()).stream()
                .filter(step -> !step.contains(" digests/"))
                .map(step -> step.startsWith("append records/") ? "append records" : step)
                .map(step -> step.startsWith("sync records/") ? "sync records" : step)
                .toList();
        assertThat(steps)
                .containsExactly(
                        "append records",
                        "create " + staged,
                        "append " + staged + " " + BEFORE.length,
                        "sync " + staged,
                        "append records",
                        "sync records",
                        "mkdir d",
                        "mkdir e",
                        "sync-names d",
                        "sync-names .",
                        "rename " + staged + " d/e/a",
                        "sync-names d/e",
                        "sync-names staged",
                        "append records",
                        "sync records");
    }
}
