package io.filereplication.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.GroupId;
import io.filereplication.PrefixDigests;
import io.filereplication.Sha256;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageBackend.WriteHandle;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** Local records and prefix digests as a disk may give them back. */
public final class RecordFuzz {
    private static final GroupId GROUP = GroupId.of("00000000-0000-0000-0000-00000000a1b2");

    private static final int DIGESTS_AT = 20;

    private RecordFuzz() {}

    /** Anything may lie there; it is refused by type, taken as a torn frame, or understood. Also under a valid checksum. */
    public static void records(byte[] input) {
        try {
            RecordFormat.takeHeader(ByteBuffer.wrap(input), GROUP, new OwnName(Area.RECORDS, "log-1"));
        } catch (StorageException e) {
            // The typed refusal of another format or group.
        }
        takeAll(ByteBuffer.wrap(input));
        CRC32C crc = new CRC32C();
        crc.update(input);
        ByteBuffer sealed = ByteBuffer.allocate(RecordFormat.FRAME_HEADER_BYTES + input.length);
        sealed.putInt(input.length).putInt((int) crc.getValue()).put(input).flip();
        takeAll(sealed);
    }

    /**
     * Anything may lie where prefix digests are kept; asked for as those of a file of so many chunks that ends in its last bytes.
     * It is left aside, or it is what was asked for. Also under a valid checksum.
     */
    public static void digests(byte[] input) throws StorageException {
        int chunks = Math.max(2, (input.length - DIGESTS_AT + Sha256.BYTES - 1) / Sha256.BYTES);
        byte[] file = Arrays.copyOf(input, DIGESTS_AT + chunks * Sha256.BYTES + Integer.BYTES);
        int end = file.length - Integer.BYTES;
        findDigests(file, chunks);
        CRC32C crc = new CRC32C();
        crc.update(file, 0, end);
        ByteBuffer.wrap(file).putInt(end, (int) crc.getValue());
        findDigests(file, chunks);
    }

    private static void findDigests(byte[] file, int chunks) throws StorageException {
        byte[] digests = Arrays.copyOfRange(file, DIGESTS_AT, file.length - Integer.BYTES);
        Sha256 whole = Sha256.of(Arrays.copyOfRange(digests, digests.length - Sha256.BYTES, digests.length));
        MemoryStorage storage = new MemoryStorage();
        try (WriteHandle out = storage.write(new OwnName(Area.DIGESTS, whole.hex()))) {
            out.append(ByteBuffer.wrap(file));
        }
        for (long size :
                List.of((long) chunks * PrefixDigests.CHUNK_BYTES, (chunks - 1L) * PrefixDigests.CHUNK_BYTES + 1)) {
            PrefixDigests found = new DigestStore(storage).find(whole, size);
            if (found != null) {
                assertThat(found.whole()).isEqualTo(whole);
                assertThat(found.sizeBytes()).isEqualTo(size);
                assertThat(found.toBytes()).isEqualTo(digests);
            }
        }
        storage.assertNothingOpen();
    }

    private static void takeAll(ByteBuffer source) {
        try {
            while (RecordFormat.take(source) != null) {
                assertThat(source.position()).isPositive();
            }
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            // Damaged, as the contract says it.
        }
    }
}
