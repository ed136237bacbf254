package io.filereplication.manifest;

import static io.filereplication.manifest.ManifestFixture.all;
import static io.filereplication.manifest.ManifestFixture.content;
import static io.filereplication.manifest.ManifestFixture.delete;
import static io.filereplication.manifest.ManifestFixture.loaded;
import static io.filereplication.manifest.ManifestFixture.register;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Snapshots: whole or refused, exact while the manifest moves on, and replacing it in one step. */
class ManifestSnapshotTest {
    private final ManifestFixture log = new ManifestFixture();

    private void fill() {
        log.apply(register("a/1", "one"), register("a/2", "two"));
        log.apply(Operation.register(content("b", "three", Map.of("tier", "cold", "db", "x"))));
        log.apply(register("gone", "x"));
        log.apply(delete("gone"));
        log.apply(register("a/1/x", "refused"));
        log.manifest.advanceTo(log.lastIndex() + 3);
    }

    @Test
    void loadsWhatWasWritten() throws Exception {
        fill();
        Manifest loaded = loaded(log.snapshot());
        assertThat(all(loaded)).isEqualTo(all(log.manifest));
        assertThat(loaded.appliedIndex()).isEqualTo(log.manifest.appliedIndex());
        assertThat(loaded.count()).isEqualTo(3);
        assertThat(loaded.bytes()).isEqualTo(log.manifest.bytes());
        assertThat(ManifestFixture.snapshotOf(loaded)).isEqualTo(log.snapshot());
    }

    @Test
    void anEmptyManifestHasASnapshotToo() throws Exception {
        assertThat(loaded(log.snapshot()).count()).isZero();
    }

    @Test
    void everyTruncationIsRefused() {
        fill();
        byte[] whole = log.snapshot();
        for (int length = 0; length < whole.length; length++) {
            byte[] torn = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> loaded(torn)).isInstanceOf(CorruptSnapshotException.class);
        }
        assertThatThrownBy(() -> loaded(Arrays.copyOf(whole, whole.length + 1)))
                .isInstanceOf(CorruptSnapshotException.class);
    }

    @Test
    void everyFlippedBitIsRefused() {
        fill();
        byte[] whole = log.snapshot();
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> loaded(flipped))
                    .isInstanceOfAny(CorruptSnapshotException.class, UnsupportedSnapshotException.class);
        }
    }

    @Test
    void aRefusedSnapshotLeavesTheManifestAsItWas() {
        fill();
        List<FileEntry> before = all(log.manifest);
        byte[] torn = Arrays.copyOf(log.snapshot(), 100);
        assertThatThrownBy(() -> log.manifest.loadSnapshot(new ByteArrayInputStream(torn)))
                .isInstanceOf(CorruptSnapshotException.class);
        assertThat(all(log.manifest)).isEqualTo(before);
        assertThat(log.manifest.isSettled()).isTrue();
    }

    /** Lesson 33: a snapshot of another group is not this group's past. */
    @Test
    void aSnapshotOfAnotherGroupIsRefused() {
        fill();
        Manifest other = new Manifest(GroupId.of("00000000-0000-0000-0000-000000000001"));
        assertThatThrownBy(() -> other.loadSnapshot(new ByteArrayInputStream(log.snapshot())))
                .isInstanceOf(CorruptSnapshotException.class)
                .hasMessageContaining("belongs to group");
    }

    /** Lesson 9. */
    @Test
    void listenersHearThatAManifestInUseWasReplaced() throws Exception {
        fill();
        ManifestFixture.Heard heard = new ManifestFixture.Heard();
        Manifest fresh = new Manifest(ManifestFixture.GROUP);
        fresh.addListener(heard);
        fresh.loadSnapshot(new ByteArrayInputStream(log.snapshot()));
        assertThat(heard.events).isEmpty();
        fresh.loadSnapshot(new ByteArrayInputStream(log.snapshot()));
        assertThat(heard.events).containsExactly("replaced");
        assertThat(heard.last).isEmpty();
    }

    /** Lesson 9: what a snapshot brings and takes away is never announced one by one, but can be asked for. */
    @Test
    void listenersHearWhatAppearedChangedAndDisappeared() throws Exception {
        log.apply(register("kept", "1"), register("changed", "1"), register("gone", "1"));
        Manifest behind = new Manifest(ManifestFixture.GROUP);
        behind.loadSnapshot(new ByteArrayInputStream(log.snapshot()));
        ManifestFixture.Heard heard = new ManifestFixture.Heard();
        behind.addListener(heard);
        log.apply(register("changed", "2"), register("appeared", "1"));
        log.apply(delete("gone"));

        behind.loadSnapshot(new ByteArrayInputStream(log.snapshot()));

        assertThat(heard.events).containsExactly("replaced");
        assertThat(heard.last)
                .extracting(change -> change.getClass().getSimpleName() + " " + change.path())
                .containsExactly("Appeared appeared", "Changed changed", "Disappeared gone");
    }

    /** Lesson 29: what is applied while a snapshot is written is not in it, and what it overwrites is. */
    @Test
    void showsItsIndexWhateverIsAppliedWhileItIsWritten() throws Exception {
        for (int i = 0; i < 3_000; i++) {
            log.apply(register("dir-%02d/file-%04d".formatted(i % 40, i), "x" + i));
        }
        byte[] expected = log.snapshot();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        try (ManifestSnapshot snapshot = log.manifest.beginSnapshot()) {
            snapshot.writeTo(new OutputStream() {
                private int round;

                @Override
                public void write(int b) {
                    written.write(b);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) {
                    written.write(bytes, offset, length);
                    for (int i = round++ * 37; i < 3_000; i += 101) {
                        String path = "dir-%02d/file-%04d".formatted(i % 40, i);
                        log.apply(delete(path));
                        log.apply(register("dir-%02d/new-%04d".formatted(i % 40, i), "y" + i));
                        if (i % 2 == 0) {
                            log.apply(register(path, "z" + round));
                        }
                    }
                }
            });
        }
        assertThat(written.toByteArray()).isEqualTo(expected);
        assertThat(loaded(log.snapshot()).count()).isEqualTo(log.manifest.count());
    }

    @Test
    void onlyOneSnapshotIsWrittenAtATime() {
        ManifestSnapshot first = log.manifest.beginSnapshot();
        assertThatThrownBy(log.manifest::beginSnapshot).isInstanceOf(IllegalStateException.class);
        first.close();
        log.manifest.beginSnapshot().close();
    }

    @Test
    void aReaderNeverSeesAHalfLoadedManifest() throws Exception {
        fill();
        byte[] snapshot = log.snapshot();
        Manifest manifest = loaded(snapshot);
        manifest.loadSnapshot(new FilterInputStream(new ByteArrayInputStream(snapshot)) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                assertThat(manifest.count()).isEqualTo(3);
                assertThat(manifest.isSettled()).isFalse();
                return super.read(bytes, offset, length);
            }
        });
        assertThat(manifest.isSettled()).isTrue();
        assertThat(manifest.get(FilePath.of("b"))).isNotNull();
    }
}
