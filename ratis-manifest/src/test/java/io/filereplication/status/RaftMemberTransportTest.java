package io.filereplication.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.NodeId;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.exceptions.AlreadyClosedException;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

/** How often a member is asked. */
class RaftMemberTransportTest {
    private static final NodeId N2 = NodeId.of("n2");

    private final Queue<Exception> failures = new ArrayDeque<>();
    private int asked;
    private int connectionsGivenUp;
    private final RaftMemberTransport transport =
            new RaftMemberTransport(NodeId.of("n1"), List::of, this::client, Runnable::run);

    /** Seen with a member that was started again: the first status after it said that the member does not answer. */
    @Test
    void aConnectionThatBrokeWhileNobodyUsedItIsReplacedAtOnce() {
        failures.add(new AlreadyClosedException("client->n2 is closed."));
        failures.add(new StateMachineException("the member itself says no"));

        // It was asked, which is all that matters here.
        assertThatThrownBy(() -> ask().join()).hasMessageContaining("the member itself says no");
        assertThat(asked).isEqualTo(2);
        assertThat(connectionsGivenUp).isEqualTo(1);
    }

    @Test
    void aMemberThatCannotBeReachedIsAskedOnce() {
        failures.add(new IOException("connection refused"));

        assertThatThrownBy(() -> ask().join()).hasMessageContaining("it cannot be reached: connection refused");
        assertThat(asked).isEqualTo(1);
        assertThat(connectionsGivenUp).isEqualTo(1);
    }

    @Test
    void aMemberWhoseConnectionsAllBreakIsNotAskedForEver() {
        failures.add(new AlreadyClosedException("closed"));
        failures.add(new AlreadyClosedException("closed again"));

        assertThatThrownBy(() -> ask().join()).hasMessageContaining("it cannot be reached: closed again");
        assertThat(asked).isEqualTo(2);
    }

    private CompletableFuture<ByteString> ask() {
        return transport.ask(N2, ByteString.EMPTY);
    }

    private CompletableFuture<RaftClientReply> send(RaftClientRequest request) {
        asked++;
        Exception failure = failures.remove();
        return failure instanceof StateMachineException said
                ? CompletableFuture.completedFuture(RaftClientReply.newBuilder()
                        .setRequest(request)
                        .setException(said)
                        .build())
                : CompletableFuture.failedFuture(failure);
    }

    private RaftClient client() {
        ClientId id = ClientId.randomId();
        RaftGroupId group = RaftGroupId.randomId();
        RaftClientRpc rpc = proxy(RaftClientRpc.class, (self, method, arguments) -> switch (method.getName()) {
            case "sendRequestAsyncUnordered" -> send((RaftClientRequest) arguments[0]);
            case "handleException" -> {
                connectionsGivenUp++;
                yield true;
            }
            default -> throw new UnsupportedOperationException(method.getName());
        });
        return proxy(RaftClient.class, (self, method, arguments) -> switch (method.getName()) {
            case "getId" -> id;
            case "getGroupId" -> group;
            case "getClientRpc" -> rpc;
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
    }
}
