package io.filereplication.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.GroupId;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Local records as a disk may give them back. */
public final class RecordFuzz {
    private static final GroupId GROUP = GroupId.of("00000000-0000-0000-0000-00000000a1b2");

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
