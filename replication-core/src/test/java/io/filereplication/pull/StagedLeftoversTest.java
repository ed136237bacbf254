package io.filereplication.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import org.junit.jupiter.api.Test;

/** Lesson 34: which bytes are leftovers. */
final class StagedLeftoversTest {
    private static final FilePath A = FilePath.of("a");
    private static final byte[] BYTES = {1, 2, 3};
    private static final Sha256 CONTENT = FakeManifest.digest(BYTES);

    private final FakeManifest manifest = new FakeManifest();
    private final MemoryFiles files = new MemoryFiles();
    private boolean wanted = true;
    private final StagedLeftovers leftovers = new StagedLeftovers(manifest, files, entry -> wanted);

    @Test
    void keepsARegisteredPutUntilItIsPublishedHere() {
        FileEntry entry = manifest.register(A, BYTES, NodeId.of("n1"));
        assertThat(leftovers.keepPut(A, CONTENT)).isTrue();
        assertThat(leftovers.keepPut(A, FakeManifest.digest(new byte[0])))
                .as("another content")
                .isFalse();
        assertThat(leftovers.keepVersion(entry.version())).isTrue();

        files.has(entry, BYTES);

        assertThat(leftovers.keepPut(A, CONTENT)).isFalse();
        assertThat(leftovers.keepVersion(entry.version())).isFalse();
    }

    @Test
    void keepsStagedBytesOfTheRegisteredVersionOnly() {
        FileEntry first = manifest.register(A, BYTES, NodeId.of("n1"));
        FileEntry second = manifest.register(A, new byte[2], NodeId.of("n1"));

        assertThat(leftovers.keepVersion(first.version())).isFalse();
        assertThat(leftovers.keepVersion(second.version())).isTrue();
        manifest.delete(A);
        assertThat(leftovers.keepVersion(second.version())).isFalse();
    }

    @Test
    void keepsNoPutOfWhatIsNotWantedHere() {
        manifest.register(A, BYTES, NodeId.of("n1"));
        wanted = false;

        assertThat(leftovers.keepPut(A, CONTENT)).isFalse();
    }

    /** It may be the only copy of what was registered where it lay, and a node may be away for longer than trash is kept. */
    @Test
    void keepsWhatMadeRoomWhileTheRegisteredVersionOfItsPathIsMissing() {
        assertThat(leftovers.keepDisplaced(A)).isFalse();
        FileEntry entry = manifest.register(A, BYTES, NodeId.of("n1"));
        assertThat(leftovers.keepDisplaced(A)).isTrue();

        files.has(entry, BYTES);

        assertThat(leftovers.keepDisplaced(A)).isFalse();
    }

    @Test
    void keepsNothingThatMadeRoomForWhatIsNotWantedHere() {
        manifest.register(A, BYTES, NodeId.of("n1"));
        wanted = false;

        assertThat(leftovers.keepDisplaced(A)).isFalse();
    }
}
