package io.filereplication.cli.node;

import io.filereplication.Attributes;
import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.control.proto.ControlProtocol.PutProto;
import io.filereplication.cli.control.proto.ControlProtocol.UploadProto;
import io.filereplication.cli.node.Conversation.HungUpException;
import io.filereplication.manifest.Queries;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.status.FileStatus;
import io.filereplication.status.MemberAnswer;
import io.filereplication.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Puts what is uploaded; and waits, when that is wanted, for other members to hold it too. */
final class PutRequest {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration MEMBER_TIMEOUT = Duration.ofSeconds(2);

    private final FileReplicationNode node;
    private final Requests requests;

    PutRequest(FileReplicationNode node, Requests requests) {
        this.node = node;
        this.requests = requests;
    }

    DoneProto carryOut(PutProto request, Conversation conversation)
            throws IOException, StorageException, InterruptedException, CommandFailure, HungUpException,
                    ExecutionException {
        FilePath path = FilePath.ofUtf8(request.getPath().toByteArray());
        Attributes attributes = Attributes.of(request.getAttributesMap());
        FileEntry entry;
        try (Uploads uploads = new Uploads(conversation)) {
            entry = node.files().put(path, uploads, attributes);
        }
        requests.manifestAnswer(Queries.path(path), conversation);
        long copies = request.getCopies() > 1 ? awaitCopies(entry, request, conversation) : 1;
        return Conversation.done(ExitCode.OK, Map.of("copies", copies));
    }

    private long awaitCopies(FileEntry entry, PutProto request, Conversation conversation)
            throws ExecutionException, InterruptedException, HungUpException, CommandFailure {
        Deadline deadline = conversation.deadline(Duration.ofMillis(request.getWaitMillis()));
        while (true) {
            Map<NodeId, MemberAnswer<FileStatus>> answers =
                    node.members().file(entry.path(), MEMBER_TIMEOUT).get();
            long copies = answers.values().stream()
                    .filter(answer -> answer instanceof MemberAnswer.Answered<FileStatus> answered
                            && answered.said().holds(entry.contentLsn()))
                    .count();
            conversation.progress("copies", copies, request.getCopies(), false);
            if (copies >= request.getCopies()) {
                return copies;
            }
            if (deadline.isOver()) {
                throw new CommandFailure(
                        ExitCode.TIMED_OUT,
                        entry.path() + " is registered, but only " + copies + " of " + request.getCopies()
                                + " members hold it so far: 'stat' shows which; the others go on by themselves");
            }
            conversation.pause(POLL);
        }
    }

    /** What is uploaded, as a channel that ends only after the last upload. */
    private static final class Uploads implements ReadableByteChannel {
        private final Conversation conversation;
        private ByteBuffer rest = ByteBuffer.allocate(0);
        private boolean last;

        Uploads(Conversation conversation) {
            this.conversation = conversation;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            while (!rest.hasRemaining() && !last) {
                UploadProto upload = conversation.nextUpload();
                rest = upload.getData().asReadOnlyByteBuffer();
                last = upload.getLast();
            }
            if (!rest.hasRemaining()) {
                return -1;
            }
            int bytes = Math.min(rest.remaining(), target.remaining());
            target.put(rest.slice(rest.position(), bytes));
            rest.position(rest.position() + bytes);
            return bytes;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
