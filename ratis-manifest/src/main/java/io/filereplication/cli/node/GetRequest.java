package io.filereplication.cli.node;

import io.filereplication.FilePath;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.MessageChannel;
import io.filereplication.cli.control.proto.ControlProtocol.ContentProto;
import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.control.proto.ControlProtocol.GetProto;
import io.filereplication.cli.control.proto.ControlProtocol.ReplyProto;
import io.filereplication.cli.node.Conversation.HungUpException;
import io.filereplication.client.FileNotLocalException;
import io.filereplication.client.FileNotRegisteredException;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.storage.OpenFile;
import io.filereplication.storage.StorageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** Sends the verified bytes of a file, which may have to come here first. */
final class GetRequest {
    private static final Duration POLL = Duration.ofMillis(100);

    private final FileReplicationNode node;

    GetRequest(FileReplicationNode node) {
        this.node = node;
    }

    DoneProto carryOut(GetProto request, Conversation conversation)
            throws IOException, StorageException, HungUpException, InterruptedException {
        FilePath path = FilePath.ofUtf8(request.getPath().toByteArray());
        try (OpenFile file =
                open(path, conversation.deadline(Duration.ofMillis(request.getWaitMillis())), conversation)) {
            conversation.reply(ReplyProto.newBuilder()
                    .setContent(ContentProto.newBuilder()
                            .setSizeBytes(file.sizeBytes())
                            .setSha256(ByteString.copyFrom(HexFormat.of()
                                    .parseHex(file.digests().whole().hex()))))
                    .build());
            send(file, conversation);
        }
        return Conversation.done(ExitCode.OK, Map.of());
    }

    private OpenFile open(FilePath path, Deadline deadline, Conversation conversation)
            throws IOException, StorageException, HungUpException, InterruptedException {
        while (true) {
            try {
                return node.files().open(path);
            } catch (FileNotLocalException | FileNotRegisteredException e) {
                if (deadline.isOver()) {
                    throw e;
                }
            }
            conversation.progress("waiting for " + path, 0, 0, true);
            conversation.pause(POLL);
        }
    }

    private static void send(OpenFile file, Conversation conversation)
            throws StorageException, HungUpException, EOFException {
        ByteBuffer buffer = ByteBuffer.allocate(MessageChannel.DATA_BYTES);
        long position = 0;
        while (position < file.sizeBytes()) {
            int read = file.read(buffer.clear(), position);
            if (read <= 0) {
                throw new EOFException(
                        file.version() + " was cut short on this node's disk: 'verify' has it pulled again");
            }
            conversation.data(ByteString.copyFrom(buffer.flip()));
            position += read;
        }
    }
}
