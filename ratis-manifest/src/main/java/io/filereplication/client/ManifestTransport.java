package io.filereplication.client;

import java.util.concurrent.CompletableFuture;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * How a client reaches the group's leader. Neither method blocks for long; both may fail for any reason, after which the
 * entry may have been applied or not. Entries that are proposed one after another are applied in that order.
 */
public interface ManifestTransport extends AutoCloseable {
    /** Proposes a log entry; the manifest's reply when it has been applied at the leader. */
    CompletableFuture<ByteString> propose(ByteString entry);

    /** A linearizable read: the answer shows everything that was committed before this call. */
    CompletableFuture<ByteString> ask(ByteString query);

    @Override
    void close();
}
