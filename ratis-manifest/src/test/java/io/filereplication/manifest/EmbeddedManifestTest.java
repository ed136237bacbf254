package io.filereplication.manifest;

import static io.filereplication.manifest.ManifestFixture.register;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FilePath;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

/** An application's own state machine with a manifest inside it. */
class EmbeddedManifestTest {

    /** Its log has entries of its own and entries of the manifest, told apart by the first byte; so has its snapshot. */
    private static final class CounterWithFiles {
        private static final byte COUNT = 1;
        private static final byte FILES = 2;

        private long counter;
        private final Manifest files = new Manifest(ManifestFixture.GROUP);

        ByteString apply(long index, ByteString entry) {
            if (entry.byteAt(0) == COUNT) {
                counter++;
                files.advanceTo(index);
                return ByteString.EMPTY;
            }
            ApplyOutcome outcome = files.apply(index, entry.substring(1).asReadOnlyByteBuffer());
            return outcome instanceof ApplyOutcome.Applied applied ? applied.reply() : ByteString.EMPTY;
        }

        byte[] snapshot() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeLong(counter);
            files.writeSnapshot(out);
            return bytes.toByteArray();
        }

        void load(byte[] snapshot) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(snapshot));
            counter = in.readLong();
            files.loadSnapshot(in);
        }
    }

    @Test
    void anApplicationCanHoldAManifestInItsOwnStateMachine() throws Exception {
        CounterWithFiles application = new CounterWithFiles();
        ByteString proposal =
                Proposals.encode(List.of(new Proposals.Batch(new OperationId(1, 1), -1, List.of(register("a", "x")))));
        application.apply(0, ByteString.copyFrom(new byte[] {CounterWithFiles.COUNT}));
        ByteString reply = application.apply(
                1, ByteString.copyFrom(new byte[] {CounterWithFiles.FILES}).concat(proposal));
        application.apply(2, ByteString.copyFrom(new byte[] {CounterWithFiles.COUNT}));
        assertThat(Proposals.decodeReply(reply, 1).get(0).operations().get(0).status())
                .isEqualTo(OperationStatus.REGISTERED);

        CounterWithFiles restored = new CounterWithFiles();
        restored.load(application.snapshot());
        assertThat(restored.counter).isEqualTo(2);
        assertThat(restored.files.appliedIndex()).isEqualTo(2);
        assertThat(restored.files.get(FilePath.of("a"))).isEqualTo(application.files.get(FilePath.of("a")));
        assertThat(restored.files.page(null, 10)).hasSize(1);
    }
}
