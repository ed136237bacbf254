package io.filereplication.plugin;

import io.filereplication.storage.StorageException;
import io.filereplication.stream.DataStreamServing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;

/**
 * The groups of one server, from the opening of their storage to its closing. A group begins to serve and to pull once the
 * plugin was started and the server serves the group, whichever comes last, and ends when the server removes it.
 *
 * <p>Thread-safe. Storage is opened and closed outside the lock; an id and a storage root are taken from before a group is
 * opened until after it is closed.
 */
final class ReplicatedGroups {
    private final GroupReplication.Environment environment;
    private final DataStreamServing serving;

    /** Every id in use, with its storage root. */
    private final Map<RaftGroupId, Path> taken = new HashMap<>();

    private final Map<RaftGroupId, GroupReplication> open = new HashMap<>();
    private final Map<RaftGroupId, CompletableFuture<Void>> closing = new HashMap<>();
    private @Nullable Running running;
    private boolean closed;

    ReplicatedGroups(GroupReplication.Environment environment, DataStreamServing serving) {
        this.environment = environment;
        this.serving = serving;
    }

    private record Running(RaftServer server, boolean isExposed) {}

    /**
     * Opens the storage of one more group. Waits for one of the same id that is being closed.
     *
     * @throws IllegalArgumentException when it is there already, or its storage root overlaps with another directory
     * @throws IllegalStateException after {@link #close()}
     */
    void add(GroupSettings settings) throws StorageException {
        RaftGroupId id = settings.group();
        Path root = settings.storageRoot().toAbsolutePath().normalize();
        for (Path raftDirectory : NodeChecks.raftDirectories(environment.properties())) {
            NodeChecks.apart(root, raftDirectory);
        }
        awaitClosed(id);
        take(id, root);
        GroupReplication opened = null;
        try {
            opened = GroupReplication.open(environment, settings, serving, () -> {
                var unused = closeLater(id);
            });
        } finally {
            if (opened == null) {
                free(id);
            }
        }
        Running now;
        boolean tooLate;
        synchronized (this) {
            open.put(id, opened);
            now = running;
            tooLate = closed;
        }
        if (tooLate) {
            remove(id);
            throw new IllegalStateException("The plugin is closed");
        }
        if (now != null) {
            opened.serverStarted(now.server(), now.isExposed());
        }
    }

    private void awaitClosed(RaftGroupId id) {
        CompletableFuture<Void> before;
        synchronized (this) {
            before = closing.get(id);
        }
        if (before != null) {
            before.join();
        }
    }

    private synchronized void take(RaftGroupId id, Path root) {
        if (closed) {
            throw new IllegalStateException("The plugin is closed");
        }
        if (taken.containsKey(id)) {
            throw new IllegalArgumentException("Group " + id + " was added twice");
        }
        taken.forEach((other, otherRoot) -> {
            if (root.startsWith(otherRoot) || otherRoot.startsWith(root)) {
                throw new IllegalArgumentException("The storage roots " + root + " of group " + id + " and " + otherRoot
                        + " of group " + other + " must not be inside one another: give each a directory of its own");
            }
        });
        taken.put(id, root);
    }

    private synchronized void free(RaftGroupId id) {
        taken.remove(id);
    }

    synchronized @Nullable GroupReplication find(RaftGroupId id) {
        return open.get(id);
    }

    /** {@code server} runs, or will: groups begin as it serves them. */
    void serverStarted(RaftServer server, boolean isExposed) {
        List<GroupReplication> all;
        synchronized (this) {
            running = new Running(server, isExposed);
            all = List.copyOf(open.values());
        }
        all.forEach(group -> group.serverStarted(server, isExposed));
    }

    /** Ends the group, if it is there, and waits until its storage is closed. */
    void remove(RaftGroupId id) {
        closeLater(id).join();
    }

    /** Ends serving now and the rest on a thread of its own: for threads of Ratis, which must not wait. */
    private CompletableFuture<Void> closeLater(RaftGroupId id) {
        GroupReplication group;
        CompletableFuture<Void> done;
        synchronized (this) {
            group = open.remove(id);
            if (group == null) {
                return closing.getOrDefault(id, CompletableFuture.completedFuture(null));
            }
            done = new CompletableFuture<>();
            closing.put(id, done);
        }
        group.stopServing();
        Thread closer = new Thread(() -> close(id, group, done), environment.self() + "-" + id + "-close");
        closer.setDaemon(true);
        closer.start();
        return done;
    }

    private void close(RaftGroupId id, GroupReplication group, CompletableFuture<Void> done) {
        try {
            group.close();
        } finally {
            synchronized (this) {
                closing.remove(id);
                taken.remove(id);
            }
            done.complete(null);
        }
    }

    /** Ends all groups, at once, and waits until the storage of each is closed. Idempotent. */
    void close() {
        List<CompletableFuture<Void>> all;
        List<RaftGroupId> ids;
        synchronized (this) {
            closed = true;
            ids = List.copyOf(open.keySet());
            all = new ArrayList<>(closing.values());
        }
        ids.forEach(id -> all.add(closeLater(id)));
        all.forEach(CompletableFuture::join);
    }
}
