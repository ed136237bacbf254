package io.filereplication.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.PrefixHasher;
import io.filereplication.fetch.AuthenticatedFetcher;
import io.filereplication.fetch.FetchConfig;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.fetch.PeerHealth;
import io.filereplication.loopback.MemoryStagedFile;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServedFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.loopback.SteppedScheduler;
import io.filereplication.serve.FileServer;
import io.filereplication.serve.Holdings;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.serve.ServeConfig;
import io.filereplication.storage.LocalFiles;
import io.filereplication.testing.FreePorts;
import io.filereplication.testing.MapManifest;
import io.filereplication.time.BandwidthLimits;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.datastream.SupportedDataStreamType;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.api.DataStreamApi;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.NetUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who does what in a real Ratis server while a peer fetches from it. Lesson 27. */
class ServingThreadsTest {
    private static final NodeId CLIENT = NodeId.of("n1");
    private static final NodeId SERVER = NodeId.of("n2");
    private static final RaftGroupId GROUP = RaftGroupId.valueOf(ServingNode.GROUP.value());

    @TempDir
    Path directory;

    private final SteppedScheduler scheduler = new SteppedScheduler();
    private final RaftPeer peer = RaftPeer.newBuilder()
            .setId(SERVER.value())
            .setAddress("127.0.0.1:" + FreePorts.next())
            .setDataStreamAddress("127.0.0.1:" + FreePorts.next())
            .build();
    private final MapManifest manifest = new MapManifest();
    private final ServedFiles files = new ServedFiles();
    private final Set<String> resolving = ConcurrentHashMap.newKeySet();
    private final Set<String> lookingUp = ConcurrentHashMap.newKeySet();
    private final Set<String> reading = ConcurrentHashMap.newKeySet();
    private final Set<String> sending = ConcurrentHashMap.newKeySet();

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES)
    void onlyTheMapOfGroupsIsLookedAtOnRatissEventLoop() throws Exception {
        byte[] content = SampleFiles.content(1, 9 << 20);
        FileEntry entry = SampleFiles.entry("f", 5, SERVER, content);
        manifest.register(entry);
        files.put(entry, content);
        files.onRead((version, position) -> see(reading));
        ServeCapacity capacity = new ServeCapacity(ServeConfig.defaults(), new BandwidthLimits<>(scheduler), scheduler);
        Holdings holdings = new Holdings(
                seen(ManifestView.class, manifest),
                seen(LocalFiles.class, files),
                () -> Set.of(CLIENT, SERVER),
                e -> true);
        try (FileServer fileServer =
                        new FileServer(ServingNode.credentials(SERVER), holdings, capacity, new Random(1));
                RaftServer server = server(capacity, fileServer);
                AuthenticatedFetcher fetcher = fetcher()) {
            server.start();
            FetchItem item = new FetchItem(
                    entry, new MemoryStagedFile(entry.version(), content, 0), new PrefixHasher(), () -> false);
            assertThat(fetcher.fetch(SERVER, List.of(item))).containsExactly(new FetchOutcome.Received(content.length));
        }

        assertThat(resolving).isNotEmpty().allMatch(name -> name.contains("NettyServerStreamRpc"));
        for (Set<String> work : List.of(lookingUp, reading, sending)) {
            assertThat(work).isNotEmpty().allMatch(name -> name.contains("ReadStreamManagement-request"));
        }
    }

    private static void see(Set<String> threads) {
        threads.add(Thread.currentThread().getName());
    }

    /** The same, with the threads noted that call it. */
    private <T> T seen(Class<T> type, T real) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    see(lookingUp);
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private AuthenticatedFetcher fetcher() {
        return new AuthenticatedFetcher(
                ServingNode.credentials(CLIENT),
                new DataStreamTransport("test", GROUP, id -> peer, new RaftProperties(), new Parameters()),
                FetchConfig.defaults(),
                new BandwidthLimits<>(scheduler),
                new PeerHealth(scheduler),
                scheduler,
                new Random(2));
    }

    private RaftServer server(ServeCapacity capacity, FileServer fileServer) throws IOException {
        DataStreamServing serving = new DataStreamServing(null, capacity);
        serving.add(ServingNode.GROUP, fileServer);
        RaftProperties properties = new RaftProperties();
        RaftConfigKeys.DataStream.setType(properties, SupportedDataStreamType.NETTY);
        RaftServerConfigKeys.setStorageDir(properties, List.of(directory.toFile()));
        GrpcConfigKeys.Server.setPort(properties, port(peer.getAddress()));
        NettyConfigKeys.DataStream.setPort(properties, port(peer.getDataStreamAddress()));
        Parameters parameters = new Parameters();
        RaftServerConfigKeys.DataStream.setServerApiResolver(parameters, request -> {
            see(resolving);
            DataStreamApi resolved = serving.resolve(request);
            return (message, stream) -> resolved.transferTo(message, new Seen(stream));
        });
        return RaftServer.newBuilder()
                .setServerId(peer.getId())
                .setGroup(RaftGroup.valueOf(GROUP, peer))
                .setStateMachine(new BaseStateMachine())
                .setProperties(properties)
                .setParameters(parameters)
                .build();
    }

    private static int port(String address) {
        return NetUtils.createSocketAddr(address).getPort();
    }

    /** The stream to the peer, with the threads noted that write to it. */
    private final class Seen implements WritableByteChannel {
        private final WritableByteChannel stream;

        Seen(WritableByteChannel stream) {
            this.stream = stream;
        }

        @Override
        public int write(ByteBuffer message) throws IOException {
            see(sending);
            return stream.write(message);
        }

        @Override
        public boolean isOpen() {
            return stream.isOpen();
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
