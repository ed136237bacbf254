package io.filereplication.cluster;

import io.filereplication.GroupId;
import io.filereplication.manifest.ManifestStateMachine;
import io.filereplication.manifest.StateMachineObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.jspecify.annotations.Nullable;

/** One server of a {@link ManifestCluster}: a peer with a directory, running or not. */
public final class ManifestNode implements AutoCloseable {
    private final RaftPeer peer;
    private final Path directory;
    private final RaftProperties properties;
    private final Function<GroupId, ManifestStateMachine> stateMachines;
    private final Map<GroupId, ManifestStateMachine> byGroup = new ConcurrentHashMap<>();
    private @Nullable RaftServer server;

    ManifestNode(
            RaftPeer peer,
            Path directory,
            RaftProperties properties,
            Function<GroupId, ManifestStateMachine> stateMachines) {
        this.peer = peer;
        this.directory = directory;
        this.properties = properties;
        this.stateMachines = stateMachines;
    }

    /** A state machine as a node has it when nothing is pretended. */
    public static ManifestStateMachine plain(GroupId group) {
        return new ManifestStateMachine(group, StateMachineObserver.NONE);
    }

    public RaftPeer peer() {
        return peer;
    }

    public Path directory() {
        return directory;
    }

    public boolean isRunning() {
        return server != null;
    }

    public RaftServer server() {
        RaftServer running = server;
        if (running == null) {
            throw new IllegalStateException(peer.getId() + " is not running");
        }
        return running;
    }

    /** The state machine that this node has, or had last, for {@code group}. */
    public ManifestStateMachine stateMachine(GroupId group) {
        ManifestStateMachine found = byGroup.get(group);
        if (found == null) {
            throw new IllegalStateException(peer.getId() + " has no state machine of " + group);
        }
        return found;
    }

    /** Starts with what is in the directory; {@code group} null is for a peer that is to be added to groups later. */
    public void start(@Nullable RaftGroup group) throws IOException {
        RaftProperties own = new RaftProperties(properties);
        RaftServerConfigKeys.setStorageDir(own, List.of(directory.toFile()));
        org.apache.ratis.grpc.GrpcConfigKeys.Server.setPort(
                own,
                Integer.parseInt(peer.getAddress().substring(peer.getAddress().lastIndexOf(':') + 1)));
        RaftServer.Builder builder = RaftServer.newBuilder()
                .setServerId(peer.getId())
                .setProperties(own)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStateMachineRegistry(id -> {
                    GroupId key = new GroupId(id.getUuid());
                    ManifestStateMachine made = stateMachines.apply(key);
                    byGroup.put(key, made);
                    return made;
                });
        if (group != null) {
            builder.setGroup(group);
        }
        RaftServer fresh = builder.build();
        server = fresh;
        fresh.start();
    }

    /** Stops in order; the directory stays. */
    public void stop() throws IOException {
        RaftServer running = server;
        server = null;
        if (running != null) {
            running.close();
        }
    }

    /** Removes everything on this node's disk. */
    public void wipe() throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() {
        try {
            stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
