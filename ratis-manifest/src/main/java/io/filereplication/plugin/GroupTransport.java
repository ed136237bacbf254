package io.filereplication.plugin;

import io.filereplication.client.ManifestTransport;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.ratis.protocol.exceptions.AlreadyClosedException;
import org.apache.ratis.protocol.exceptions.GroupMismatchException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Proposes to whoever is in the group now.
 *
 * <p>A {@code RaftClient} of Ratis 3.3.0 fails for good when a server has answered that it does not know the group, as one does
 * that is about to be given the group, or the leader of a moment ago that the group was taken from: the client's sliding window
 * then refuses every later request. A new client would ask the same server first, for Ratis remembers the last leader of a
 * group for a minute and for all clients of the process. So each client that follows a failed one begins with the next member.
 */
final class GroupTransport implements ManifestTransport {
    private final MembersClient<ManifestTransport> client;

    /** Closes {@code client}. */
    GroupTransport(MembersClient<ManifestTransport> client) {
        this.client = client;
    }

    @Override
    public CompletableFuture<ByteString> propose(ByteString entry) {
        return call(transport -> transport.propose(entry));
    }

    @Override
    public CompletableFuture<ByteString> ask(ByteString query) {
        return call(transport -> transport.ask(query));
    }

    private CompletableFuture<ByteString> call(Function<ManifestTransport, CompletableFuture<ByteString>> call) {
        ManifestTransport transport;
        try {
            transport = client.get();
        } catch (IllegalStateException e) {
            return CompletableFuture.failedFuture(e);
        }
        return call.apply(transport).whenComplete((answer, failure) -> {
            if (endsTheClient(failure)) {
                client.giveUp(transport);
            }
        });
    }

    private static boolean endsTheClient(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AlreadyClosedException || cause instanceof GroupMismatchException) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        client.close();
    }
}
