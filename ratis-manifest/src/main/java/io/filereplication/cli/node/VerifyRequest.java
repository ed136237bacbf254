package io.filereplication.cli.node;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.control.proto.ControlProtocol.VerifyProto;
import io.filereplication.cli.node.Conversation.HungUpException;
import io.filereplication.client.FileReplication.Verified;
import io.filereplication.manifest.Manifest;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.status.FileStatus;
import io.filereplication.storage.StorageException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * Hashes every registered file on this node's disk, has those pulled again that are damaged or missing, waits for them, and names
 * files that nobody registered. One file at a time; removes nothing.
 */
final class VerifyRequest {
    private static final int PAGE = 256;
    /** Repairs that are waited for one by one; whatever is beyond is counted as remaining. */
    private static final int MAX_REPAIRS = 10_000;

    /** Files that nobody registered and that are named; whatever is beyond is only counted. */
    private static final int MAX_UNREGISTERED = 10_000;

    private static final Duration POLL = Duration.ofMillis(200);

    private final FileReplicationNode node;

    VerifyRequest(FileReplicationNode node) {
        this.node = node;
    }

    DoneProto carryOut(VerifyProto request, Conversation conversation)
            throws HungUpException, InterruptedException, StorageException {
        Pass pass = new Pass(request, conversation);
        pass.hash();
        pass.findUnregistered();
        pass.awaitRepairs();
        return pass.result();
    }

    /** One verification. */
    private final class Pass {
        private final VerifyProto request;
        private final Conversation conversation;
        private final Queue<FileEntry> repairs = new ArrayDeque<>();
        private long files;
        private long bytes;
        private long whole;
        private long missing;
        private long damaged;
        private long repaired;
        private long beyond;
        private long unregistered;

        Pass(VerifyProto request, Conversation conversation) {
            this.request = request;
            this.conversation = conversation;
        }

        void hash() throws HungUpException, InterruptedException {
            Manifest manifest = node.manifest();
            boolean all = request.getPrefix().isEmpty();
            long total = all ? manifest.bytes() : 0;
            FilePath after = null;
            for (List<FileEntry> page = manifest.page(request.getPrefix(), null, PAGE);
                    !page.isEmpty();
                    page = manifest.page(request.getPrefix(), after, PAGE)) {
                for (FileEntry entry : page) {
                    conversation.progress("verifying", bytes, total, true);
                    take(entry, node.files().verify(entry, request.getBytesPerSecond()));
                    after = entry.path();
                }
            }
            conversation.progress("verifying", bytes, bytes, true);
        }

        private void take(FileEntry entry, Verified found) throws HungUpException {
            files++;
            bytes += entry.sizeBytes();
            switch (found) {
                case WHOLE -> whole++;
                case REPLACED, UNWANTED -> files--; // There is nothing to say about it here.
                case MISSING -> {
                    missing++;
                    repair(entry, "missing");
                }
                case DAMAGED -> {
                    damaged++;
                    repair(entry, "damaged");
                }
            }
        }

        private void repair(FileEntry entry, String outcome) throws HungUpException {
            conversation.finding(utf8(entry.path()), outcome);
            if (repairs.size() < MAX_REPAIRS) {
                repairs.add(entry);
            } else {
                beyond++;
            }
        }

        void findUnregistered() throws StorageException, HungUpException {
            List<FilePath> named = new ArrayList<>();
            node.files().unregistered(request.getPrefix(), path -> {
                unregistered++;
                if (named.size() < MAX_UNREGISTERED) {
                    named.add(path);
                }
            });
            for (FilePath path : named) {
                conversation.finding(utf8(path), "unregistered");
            }
        }

        void awaitRepairs() throws HungUpException, InterruptedException {
            long wanted = repairs.size();
            Deadline deadline = conversation.deadline(Duration.ofMillis(request.getWaitMillis()));
            while (true) {
                for (int i = repairs.size(); i > 0; i--) {
                    FileEntry entry = repairs.remove();
                    if (isSettled(entry)) {
                        repaired++;
                    } else {
                        repairs.add(entry);
                    }
                }
                if (repairs.isEmpty() || deadline.isOver()) {
                    break;
                }
                conversation.progress("repairing", repaired, wanted, false);
                conversation.pause(POLL);
            }
            for (FileEntry entry : repairs) {
                conversation.finding(utf8(entry.path()), "not repaired yet");
            }
        }

        /** It is here again, or nobody wants it any more. */
        private boolean isSettled(FileEntry entry) {
            FileStatus now = node.members().here(entry.path());
            return now.holds(entry.contentLsn()) || !entry.contentLsn().equals(now.registered());
        }

        DoneProto result() {
            long remaining = repairs.size() + beyond;
            Map<String, Long> totals = new LinkedHashMap<>();
            totals.put("files", files);
            totals.put("bytes", bytes);
            totals.put("whole", whole);
            totals.put("missing", missing);
            totals.put("damaged", damaged);
            totals.put("repaired", repaired);
            totals.put("remaining", remaining);
            totals.put("unregistered", unregistered);
            return Conversation.done(remaining == 0 ? ExitCode.OK : ExitCode.NOT_WELL, totals);
        }
    }

    private static ByteString utf8(FilePath path) {
        return ByteString.copyFrom(path.toUtf8());
    }
}
