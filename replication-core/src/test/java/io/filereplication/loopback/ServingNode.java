package io.filereplication.loopback;

import io.filereplication.FileEntry;
import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.serve.FileServer;
import io.filereplication.serve.Holdings;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.serve.ServeConfig;
import io.filereplication.testing.MapManifest;
import io.filereplication.time.BandwidthLimits;
import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.Credentials;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** A node that serves: a file server over a manifest and files in memory. */
public final class ServingNode {
    public static final GroupId GROUP = GroupId.of("00000000-0000-0000-0000-00000000a1b2");
    public static final String CLUSTER = "test-cluster";

    public final NodeId id;
    public final MapManifest manifest = new MapManifest();
    public final ServedFiles files = new ServedFiles();
    public final Set<NodeId> members = new HashSet<>();
    public final List<FileEntry> reverified = new ArrayList<>();
    /** Whether this node is to have what it is asked for. */
    public boolean wants = true;

    public final BandwidthLimits<NodeId> outgoing;
    private final SteppedScheduler scheduler;
    public final ServeCapacity capacity;
    private FileServer server;

    public ServingNode(NodeId id, Set<NodeId> members, ServeConfig config, SteppedScheduler scheduler) {
        this.id = id;
        this.members.addAll(members);
        this.scheduler = scheduler;
        this.outgoing = new BandwidthLimits<>(scheduler);
        this.capacity = new ServeCapacity(config, outgoing, scheduler);
        this.server = newServer(0);
    }

    /** The secret of the test cluster. */
    public static ClusterSecrets secrets() {
        return ClusterSecrets.of("k1", SampleFiles.content(4711, 32));
    }

    /** What {@code self} proves in the test cluster. */
    public static Credentials credentials(NodeId self) {
        return new Credentials(secrets(), CLUSTER, GROUP, self);
    }

    private boolean reverify(FileEntry entry) {
        return wants && reverified.add(entry);
    }

    private FileServer newServer(long seed) {
        Holdings holdings = new Holdings(manifest, files, () -> members, this::reverify);
        return new FileServer(credentials(id), holdings, capacity, new Random(id.hashCode() + seed));
    }

    public FileServer server() {
        return server;
    }

    /** Another process with the same disk: its sessions are gone. */
    public void restart() {
        server.close();
        server = newServer(scheduler.nanoTime());
    }

    /** Registers {@code content} and holds it. */
    public FileEntry hold(String path, long index, byte[] content) {
        FileEntry entry = SampleFiles.entry(path, index, id, content);
        manifest.register(entry);
        files.put(entry, content);
        return entry;
    }
}
