package io.filereplication.plugin;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client of the group's members of this moment: a node may begin without knowing any, and they come and go. It is made for
 * whoever needs it first, and anew after members or their addresses changed, or after it was given up.
 *
 * <p>Thread-safe. A client is made and closed by the thread that asks, without a lock: of two that are made at once, one is
 * closed, and never that of the newer members.
 */
final class MembersClient<C extends AutoCloseable> implements AutoCloseable {
    /** Makes a client. */
    interface Connect<C> {
        /** A client of {@code members} that asks {@code first}, if there is one, before any other. */
        C to(Collection<RaftPeer> members, @Nullable RaftPeerId first);
    }

    private static final Logger LOG = LoggerFactory.getLogger(MembersClient.class);

    private final String name;
    private final Supplier<Collection<RaftPeer>> members;
    private final Connect<C> connect;
    private @Nullable C current;
    private Set<String> connectedTo = Set.of();
    /** How often somebody began to look who the members are. */
    private long looks;
    /** Which of these looks the current client was made after. */
    private long currentLook;

    private boolean givenUp;
    private int replacements;
    private boolean closed;

    /** {@code name} begins what is logged. */
    MembersClient(String name, Supplier<Collection<RaftPeer>> members, Connect<C> connect) {
        this.name = name;
        this.members = members;
        this.connect = connect;
    }

    /** The client; throws {@link IllegalStateException} when no member is known, and after {@link #close}. */
    C get() {
        C found = null;
        while (found == null) {
            found = find();
        }
        return found;
    }

    /** The client, or null when the members that it was made for may be older than those of the client in use. */
    private @Nullable C find() {
        long look;
        synchronized (this) {
            look = ++looks;
        }
        // Without the lock: a server may let whoever asks wait while it adds a group.
        Collection<RaftPeer> peers = members.get();
        if (peers.isEmpty()) {
            throw new IllegalStateException("The members of the group are not known yet");
        }
        Set<String> wanted = peers.stream()
                .map(peer -> peer.getId() + "@" + peer.getAddress())
                .collect(Collectors.toSet());
        RaftPeerId first;
        synchronized (this) {
            C usable = usable(wanted);
            if (usable != null) {
                return usable;
            }
            first = givenUp ? next(peers) : null;
        }
        C made = connect.to(peers, first);
        C used = made;
        C useless = made;
        try {
            synchronized (this) {
                C meanwhile = usable(wanted);
                if (meanwhile != null || look < currentLook) {
                    used = meanwhile;
                } else {
                    useless = current;
                    current = made;
                    currentLook = look;
                    connectedTo = wanted;
                    givenUp = false;
                }
            }
        } finally {
            close(useless);
        }
        return used;
    }

    private synchronized @Nullable C usable(Set<String> wanted) {
        if (closed) {
            throw new IllegalStateException("The client is closed");
        }
        return givenUp || !wanted.equals(connectedTo) ? null : current;
    }

    /** Another member each time: Ratis remembers the last leader of a group, and would ask it first again. */
    private RaftPeerId next(Collection<RaftPeer> peers) {
        List<RaftPeerId> ids = peers.stream()
                .map(RaftPeer::getId)
                .sorted(Comparator.comparing(RaftPeerId::toString))
                .toList();
        return ids.get(Math.floorMod(replacements++, ids.size()));
    }

    /** {@code client} has failed for good: whoever asks next gets another. It is not closed here, maybe on a thread of its own. */
    synchronized void giveUp(C client) {
        givenUp |= client == current;
    }

    @Override
    public void close() {
        C last;
        synchronized (this) {
            closed = true;
            last = current;
            current = null;
        }
        close(last);
    }

    private void close(@Nullable C client) {
        if (client != null) {
            try {
                client.close();
            } catch (Exception e) {
                LOG.warn("{}: a client did not close cleanly", name, e);
            }
        }
    }
}
