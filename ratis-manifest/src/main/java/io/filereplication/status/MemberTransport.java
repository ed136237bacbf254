package io.filereplication.status;

import io.filereplication.NodeId;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** Carries a question to one member of the group and its answer back. Thread-safe. */
public interface MemberTransport {
    /** The other members of the group now. */
    Set<NodeId> others();

    /** Asks once. Does not block; the answer may never come. */
    CompletableFuture<ByteString> ask(NodeId member, ByteString question);
}
