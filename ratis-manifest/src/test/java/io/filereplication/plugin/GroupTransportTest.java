package io.filereplication.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.client.ManifestTransport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.AlreadyClosedException;
import org.apache.ratis.protocol.exceptions.GroupMismatchException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which client beneath is used, and for how long. */
class GroupTransportTest {
    private static final RaftPeer FIRST =
            RaftPeer.newBuilder().setId("n1").setAddress("127.0.0.1:1").build();
    private static final RaftPeer SECOND =
            RaftPeer.newBuilder().setId("n2").setAddress("127.0.0.1:2").build();

    private final List<Client> clients = new ArrayList<>();
    private Collection<RaftPeer> members = List.of(FIRST);
    private Runnable beforeItIsUsed = () -> {};
    private final GroupTransport transport =
            new GroupTransport(new MembersClient<>("n1", () -> members, (peers, first) -> {
                Client made = new Client(first);
                clients.add(made);
                beforeItIsUsed.run();
                return made;
            }));

    @Test
    void keepsOneClientWhileTheMembersStay() {
        assertThat(propose()).isCompleted();
        assertThat(propose()).isCompleted();

        assertThat(clients).hasSize(1);
    }

    /** Nobody waits for another's client to be made, and none is left open. */
    @Test
    void ofTwoClientsMadeAtOnceOneIsUsedAndTheOtherClosed() {
        beforeItIsUsed = () -> {
            beforeItIsUsed = () -> {};
            assertThat(propose()).isCompleted();
        };

        assertThat(propose()).isCompleted();
        assertThat(propose()).isCompleted();

        assertThat(clients).extracting(client -> client.closed).containsExactlyInAnyOrder(true, false);
    }

    /** The one of the old members would be used until somebody fails with it, and the other's calls would end with its client. */
    @Test
    void ofTwoClientsMadeAtOnceThatOfTheNewerMembersIsUsed() {
        beforeItIsUsed = () -> {
            beforeItIsUsed = () -> {};
            members = List.of(FIRST, SECOND);
            assertThat(propose()).isCompleted();
        };

        assertThat(propose()).isCompleted();
        assertThat(propose()).isCompleted();

        assertThat(clients).extracting(client -> client.closed).containsExactly(true, false);
    }

    @Test
    void aClientThatWasMadeWhileEverythingClosedIsClosedToo() {
        beforeItIsUsed = transport::close;

        assertThat(propose()).isCompletedExceptionally();

        assertThat(clients).extracting(client -> client.closed).containsExactly(true);
    }

    @Test
    void buildsAnotherWhenTheMembersChanged() {
        assertThat(propose()).isCompleted();
        members = List.of(FIRST, SECOND);

        assertThat(propose()).isCompleted();

        assertThat(clients).extracting(client -> client.closed).containsExactly(true, false);
    }

    /** Seen with a group that was removed and added again: no proposal of that node ever got through after it. */
    @Test
    void buildsAnotherWhenAServerDidNotKnowTheGroupOrTheClientHasClosedItself() {
        assertThat(propose()).isCompleted();
        for (IOException last : List.of(
                new GroupMismatchException("n3: the group is not found"),
                new AlreadyClosedException("the sliding window is closed"))) {
            Client failing = clients.get(clients.size() - 1);
            failing.failure = new CompletionException(last);
            assertThat(propose()).isCompletedExceptionally();
            assertThat(failing.closed)
                    .as("a client is not closed by a thread of its own")
                    .isFalse();

            assertThat(propose()).isCompleted();
            assertThat(failing.closed).isTrue();
        }
        assertThat(clients).hasSize(3);
    }

    /** Ratis remembers the leader of a group for a minute: a leader that the group was taken from would be asked again and again. */
    @Test
    void asksAnotherMemberFirstEachTimeAClientHasFailedForGood() {
        members = List.of(SECOND, FIRST);
        for (int i = 0; i < 4; i++) {
            var unused = propose();
            clients.get(clients.size() - 1).failure = new GroupMismatchException("the group is not found");
            assertThat(propose()).isCompletedExceptionally();
        }

        assertThat(clients)
                .extracting(client -> client.first)
                .containsExactly(null, FIRST.getId(), SECOND.getId(), FIRST.getId());
    }

    @Test
    void keepsTheClientAfterOtherFailures() {
        assertThat(propose()).isCompleted();
        clients.get(0).failure = new IOException("unreachable");
        assertThat(propose()).isCompletedExceptionally();
        clients.get(0).failure = null;

        assertThat(propose()).isCompleted();
        assertThat(clients).hasSize(1);
    }

    @Test
    void failsWithoutMembersAndAfterClosing() {
        members = List.of();
        assertThat(propose()).isCompletedExceptionally();
        members = List.of(FIRST);
        assertThat(propose()).isCompleted();

        transport.close();

        assertThat(propose()).isCompletedExceptionally();
        assertThat(clients).extracting(client -> client.closed).containsExactly(true);
    }

    private CompletableFuture<ByteString> propose() {
        return transport.propose(ByteString.EMPTY);
    }

    /** Answers at once, as it is told. */
    private static final class Client implements ManifestTransport {
        private final @Nullable RaftPeerId first;
        private @Nullable Throwable failure;
        private boolean closed;

        Client(@Nullable RaftPeerId first) {
            this.first = first;
        }

        @Override
        public CompletableFuture<ByteString> propose(ByteString entry) {
            return failure == null
                    ? CompletableFuture.completedFuture(ByteString.EMPTY)
                    : CompletableFuture.failedFuture(failure);
        }

        @Override
        public CompletableFuture<ByteString> ask(ByteString query) {
            return propose(query);
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
