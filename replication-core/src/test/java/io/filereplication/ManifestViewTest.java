package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.testing.MapManifest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What can be concluded from a manifest that moves while it is asked. */
final class ManifestViewTest {
    private static final FilePath PATH = FilePath.of("a");

    private static FileEntry entry(long index) {
        Lsn lsn = new Lsn(index, 0);
        return new FileEntry(PATH, Sha256.OF_EMPTY, 0, NodeId.of("n1"), Instant.EPOCH, Attributes.NONE, lsn, lsn);
    }

    @Test
    void hasMovedPastWhatWasDeletedOrReplaced() {
        MapManifest manifest = new MapManifest();
        FileVersion version = entry(5).version();
        assertThat(manifest.hasMovedPast(version)).as("not applied yet").isFalse();
        manifest.register(entry(5));
        assertThat(manifest.hasMovedPast(version)).isFalse();

        manifest.register(entry(6));
        assertThat(manifest.hasMovedPast(version)).as("replaced").isTrue();
        manifest.delete(PATH, 7);
        assertThat(manifest.hasMovedPast(version)).as("deleted").isTrue();
    }

    /** Lesson 34: whoever takes it for superseded drops the bytes of a put, which may be the only ones. */
    @Test
    void hasNotMovedPastWhatIsAppliedWhileItIsAsked() {
        FileEntry arriving = entry(5);
        MapManifest manifest = new MapManifest() {
            @Override
            public @Nullable FileEntry get(FilePath path) {
                FileEntry before = super.get(path);
                register(arriving);
                return before;
            }
        };
        manifest.register(entry(3));

        assertThat(manifest.hasMovedPast(arriving.version())).isFalse();
        assertThat(manifest.hasMovedPast(arriving.version())).isFalse();
        assertThat(manifest.hasMovedPast(entry(3).version())).isTrue();
    }
}
