package io.filereplication.client;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.retry.RetryPolicy;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Over a {@link RaftClient}, whose ordered requests keep the order of entries. */
public final class RaftTransport implements ManifestTransport {
    private static final Logger LOG = LoggerFactory.getLogger(RaftTransport.class);
    private static final int TRIES = 40;
    private static final Duration PAUSE = Duration.ofMillis(100);
    /** Ratis's own default retries for ever, and one request would then hold up all later ones. */
    private static final RetryPolicy BOUNDED = RetryPolicies.retryUpToMaximumCountWithFixedSleep(
            TRIES, TimeDuration.valueOf(PAUSE.toMillis(), TimeUnit.MILLISECONDS));

    private final RaftClient raft;

    /** Uses {@code raft}, whose retry policy has to be bounded, and closes it. */
    public RaftTransport(RaftClient raft) {
        this.raft = raft;
    }

    /** A transport with a Raft client of its own. */
    public static RaftTransport open(RaftGroup group, RaftProperties properties, Parameters parameters) {
        return open(group, null, properties, parameters);
    }

    /** A transport with a Raft client of its own that asks {@code first} before any other member; null leaves that to Ratis. */
    public static RaftTransport open(
            RaftGroup group, @Nullable RaftPeerId first, RaftProperties properties, Parameters parameters) {
        return new RaftTransport(RaftClient.newBuilder()
                .setRaftGroup(group)
                .setLeaderId(first)
                .setProperties(properties)
                .setParameters(parameters)
                .setRetryPolicy(BOUNDED)
                .build());
    }

    /** For how long a client made by {@code open} may try one request, each time for {@code requestTimeout}. */
    public static Duration longestRequest(Duration requestTimeout) {
        return requestTimeout.plus(PAUSE).multipliedBy(TRIES + 1);
    }

    @Override
    public CompletableFuture<ByteString> propose(ByteString entry) {
        return content(raft.async().send(Message.valueOf(entry)));
    }

    @Override
    public CompletableFuture<ByteString> ask(ByteString query) {
        return content(raft.async().sendReadOnly(Message.valueOf(query)));
    }

    private static CompletableFuture<ByteString> content(CompletableFuture<RaftClientReply> reply) {
        return reply.thenApply(answer -> {
            if (!answer.isSuccess()) {
                throw new CompletionException(answer.getException());
            }
            return answer.getMessage().getContent();
        });
    }

    @Override
    public void close() {
        try {
            raft.close();
        } catch (IOException e) {
            LOG.warn("{}: the Raft client {} did not close cleanly", raft.getGroupId(), raft.getId(), e);
        }
    }
}
