package io.filereplication.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.fetch.PeerResolver;
import io.filereplication.pull.FileEvents;
import io.filereplication.storage.LocalRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application gives a node of its own: which files it wants, whom it asks, and who hears of it. */
class OwnPartsIT {
    @TempDir
    Path directory;

    private final Random random = new Random(5);
    private TestCluster cluster;

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    @Test
    void onlyWantedFilesArePulledAndWhatANodePutItselfStays() throws Exception {
        cluster = new TestCluster(directory, 2)
                .customize(2, node -> node.setFilter((path, attributes) -> path.startsWith("hot/")))
                .start();
        cluster.awaitCaughtUp(2);

        cluster.put(1, "cold/others", bytes(10));
        cluster.put(2, "cold/own", bytes(20));
        cluster.put(1, "hot/others", bytes(30));

        awaitLocal(2, "hot/others");
        assertThat(cluster.node(2).stats().skippedUnwanted()).isEqualTo(1);
        assertThat(cluster.filesOnDisk(2)).containsOnlyKeys("cold/own", "hot/others");
        assertThat(cluster.node(2).manifest().count()).isEqualTo(3);
        assertThat(cluster.node(2).fullyCaughtUp()).isTrue();
    }

    @Test
    void whomTheResolverNamesFirstIsAskedFirst() throws Exception {
        cluster = new TestCluster(directory, 3)
                .customize(3, node -> node.setResolver(OwnPartsIT::originLast))
                .start();
        cluster.awaitCaughtUp(3);
        cluster.node(3).group().pausePulling();
        cluster.put(1, "file", bytes(3 << 20));
        awaitLocal(2, "file");

        cluster.node(3).group().resumePulling();

        awaitLocal(3, "file");
        assertThat(cluster.node(3).stats().peers().get(NodeId.of("n2")).files()).isEqualTo(1);
    }

    private static PeerResolver originLast(PeerResolver usual) {
        return (origin, path) -> {
            List<NodeId> peers = new ArrayList<>(usual.candidates(origin, path));
            Collections.reverse(peers);
            return peers;
        };
    }

    @Test
    void aListenerHearsWhatBecomesOfTheFilesHere() throws Exception {
        Heard heard = new Heard();
        cluster = new TestCluster(directory, 2)
                .customize(2, node -> node.setEvents(heard))
                .start();
        cluster.awaitCaughtUp(2);

        cluster.put(1, "file", bytes(10));
        heard.awaited("published file");
        cluster.put(1, "file", bytes(20));
        heard.awaited("replaced file");
        cluster.node(1).files().deleteAsync(FilePath.of("file"), "test").join();
        heard.awaited("removes file");

        assertThat(heard.events)
                .filteredOn(event -> event.endsWith("file"))
                .containsExactly("published file", "replaced file", "removes file");
        assertThat(heard.events).contains("ready true");
    }

    /** An application's code may be wrong: nothing of the node depends on it. */
    @Test
    void aListenerThatThrowsStopsNothing() throws Exception {
        cluster = new TestCluster(directory, 2)
                .customize(
                        2,
                        node -> node.setEvents(new FileEvents() {
                            @Override
                            public void onPublished(FileEntry entry) {
                                throw new IllegalStateException("the application failed");
                            }
                        }))
                .start();

        cluster.put(1, "one", bytes(10));
        cluster.put(1, "two", bytes(10));

        awaitLocal(2, "one");
        awaitLocal(2, "two");
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private void awaitLocal(int node, String path) {
        cluster.node(node)
                .files()
                .awaitLocal(FilePath.of(path), TestCluster.PATIENCE)
                .join();
    }

    private static final class Heard implements FileEvents {
        private final List<String> events = new CopyOnWriteArrayList<>();

        void awaited(String event) {
            await(event).atMost(TestCluster.PATIENCE).until(() -> events.contains(event));
        }

        @Override
        public void onPublished(FileEntry entry) {
            events.add("published " + entry.path());
        }

        @Override
        public void onReplaced(LocalRecord before, FileEntry entry) {
            events.add("replaced " + entry.path());
        }

        @Override
        public void beforeRemove(LocalRecord record) {
            events.add("removes " + record.version().path());
        }

        @Override
        public void onReadinessChanged(boolean ready) {
            events.add("ready " + ready);
        }
    }
}
