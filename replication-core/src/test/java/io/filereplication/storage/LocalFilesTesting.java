package io.filereplication.storage;

import static io.filereplication.storage.Fixture.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles.HashedFile;
import io.filereplication.storage.LocalFiles.Opening;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The ground of the tests of local files: opened over a strict storage, which in the end must have nothing left open. */
abstract class LocalFilesTesting {
    static final byte[] SMALL = bytes(4_096, 1);
    static final byte[] OTHER_SMALL = bytes(4_096, 2);
    static final byte[] LARGE = bytes(3 * PrefixDigests.CHUNK_BYTES + 17, 3);
    static final FilePath A = FilePath.of("d/a");

    final Fixture fixture = new Fixture();
    MemoryStorage storage = new MemoryStorage();
    LocalFiles files;

    @BeforeEach
    void open() throws StorageException {
        files = fixture.open(storage);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        files.close();
        files.close();
        storage.assertNothingOpen();
    }

    void restart() throws StorageException {
        files.close();
        storage.assertNothingOpen();
        storage = storage.reopen();
        open();
    }

    void kill() throws StorageException {
        storage = storage.kill();
        open();
    }

    /** Whoever asks to have leftovers deleted misses what was displaced from {@code d/a}, or does not. */
    static LocalFiles.StagedFilter keepingDisplaced(boolean keep) {
        return new KeptLeftovers(version -> true, path -> true, path -> keep && path.equals(A));
    }

    byte[] served(FileEntry entry) throws StorageException {
        Opening opening = files.open(entry);
        assertThat(opening).isInstanceOf(Opening.Opened.class);
        try (OpenFile file = ((Opening.Opened) opening).file()) {
            assertThat(file.digests().whole()).isEqualTo(entry.sha256());
            assertThat(file.version()).isEqualTo(entry.version());
            return Fixture.read(file);
        }
    }

    HashedFile put(String path, byte[] content) throws StorageException {
        return put(path, content, Fixture.CREATED);
    }

    HashedFile put(String path, byte[] content, Instant createdAt) throws StorageException {
        try (LocalFiles.PutFile put = files.beginPut(FilePath.of(path), content.length)) {
            put.write(ByteBuffer.wrap(content, 0, content.length / 2));
            put.write(ByteBuffer.wrap(content, content.length / 2, content.length - content.length / 2));
            return put.finish(createdAt);
        }
    }
}
