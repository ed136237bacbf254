package io.filereplication.cluster;

import static io.filereplication.cluster.TestCertificates.STRANGER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.fetch.UnreachableException;
import io.filereplication.wire.ClientSession;
import io.filereplication.wire.ClusterSecrets;
import io.filereplication.wire.ProofFailure;
import io.filereplication.wire.SessionRefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.util.NetUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Mutual TLS with a private authority, and secrets that change while files keep coming, on three real nodes in one JVM. */
class SecurityIT {
    /** RFC 9113, 6.5: what each side of a connection sends first. */
    private static final int SETTINGS = 4;

    @TempDir
    Path directory;

    private final Random random = new Random(11);
    private final Map<String, byte[]> expected = new TreeMap<>();
    private TestCluster cluster;

    @BeforeEach
    void makeCluster() {
        cluster = new TestCluster(directory, 3);
    }

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    @Test
    void replicatesOverMutualTlsOnBothPorts() throws Exception {
        TestCertificates certificates = new TestCertificates(directory, "n1", "n2", "n3");
        for (int i = 1; i <= 3; i++) {
            String name = "n" + i;
            cluster.customize(i, node -> node.setParameters(certificates.mutualTls(name)));
        }
        cluster.start();
        put(1, 3 << 20);
        put(3, 10);
        cluster.assertConverged(expected);
    }

    /** At Raft's port. Ratis asks for no certificate at the data stream's, where the secret alone decides: SECURITY.md. */
    @Test
    void whoHasNotTheRightCertificateIsRefusedAtRaftsPortAndGetsNoFile() throws Exception {
        TestCertificates certificates = new TestCertificates(directory, "n1", "n2", STRANGER);
        cluster.customize(1, node -> node.setParameters(certificates.mutualTls("n1")));
        cluster.customize(2, node -> node.setParameters(certificates.mutualTls("n2")));
        cluster.customize(3, node -> node.setParameters(certificates.mutualTls(STRANGER)));
        cluster.start();
        put(1, 1 << 20);
        cluster.node(2)
                .files()
                .awaitLocal(FilePath.of("file1"), TestCluster.PATIENCE)
                .join();

        String address = cluster.node(1).server().getPeer().getAddress();
        assertThat(firstFrame(certificates.client("n2"), address)).isEqualTo(SETTINGS);
        for (String shown : List.of(STRANGER, "")) {
            assertThatThrownBy(() -> firstFrame(certificates.client(shown), address))
                    .as("certificate '%s'", shown)
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
        }
        assertThat(firstFrame(certificates.client("n2"), address)).isEqualTo(SETTINGS);
        assertThat(cluster.node(3).manifest().page(null, 10)).isEmpty();
        assertThat(cluster.filesOnDisk(3)).isEmpty();
    }

    /** One-way TLS at the data stream's ports, and none at Raft's: clients show no certificate, servers do. */
    @Test
    void replicatesOverTlsAtTheDataStreamPortAlone() throws Exception {
        TestCertificates certificates = new TestCertificates(directory, "n1", "n2", "n3");
        for (int i = 1; i <= 3; i++) {
            String name = "n" + i;
            cluster.customize(i, node -> node.setParameters(certificates.streamTls(name)));
        }
        cluster.start();
        put(1, 3 << 20);
        put(3, 10);
        cluster.assertConverged(expected);
        assertThat(sayHello(certificates.streamClientWithoutCertificate(true), TestCluster.secrets()))
                .isNotNull();
        assertThatThrownBy(() -> sayHello(new Parameters(), TestCluster.secrets()))
                .as("without TLS")
                .isInstanceOf(UnreachableException.class);
        put(2, 2 << 20);
        cluster.assertConverged(expected);
    }

    /**
     * What mutual TLS means at the data stream's port: the server proves itself and everything is encrypted; the client is
     * proven by the secret, since Ratis asks for no certificate there.
     */
    @Test
    void atTheDataStreamPortTheServerNeedsItsCertificateAndTheClientTheSecret() throws Exception {
        TestCertificates certificates = new TestCertificates(directory, "n1", "n2", "n3");
        for (int i = 1; i <= 3; i++) {
            String name = "n" + i;
            cluster.customize(i, node -> node.setParameters(certificates.mutualTls(name)));
        }
        cluster.start();
        put(1, 1 << 20);
        cluster.assertConverged(expected);
        ClusterSecrets wrong = ClusterSecrets.of("test", new byte[32]);
        ClusterSecrets right = TestCluster.secrets();

        Parameters encrypted = certificates.streamClientWithoutCertificate(true);
        assertThatThrownBy(() -> sayHello(encrypted, wrong)).isInstanceOf(SessionRefusedException.class);
        assertThat(sayHello(encrypted, right)).isNotNull();
        assertThatThrownBy(() -> sayHello(encrypted, wrong)).isInstanceOf(SessionRefusedException.class);
        assertThatThrownBy(() -> sayHello(certificates.streamClientWithoutCertificate(false), right))
                .as("a server that is not whom the client knows")
                .isInstanceOf(UnreachableException.class);
        assertThatThrownBy(() -> sayHello(new Parameters(), right))
                .as("without TLS")
                .isInstanceOf(UnreachableException.class);
        assertThat(cluster.node(1).fileServer().stats().authFailures())
                .containsOnly(Map.entry(ProofFailure.HELLO_TAG, 2L));
    }

    /** As the third node, to the first. */
    private ClientSession sayHello(Parameters tls, ClusterSecrets secrets) throws Exception {
        return new Hello(NodeId.of("n3"), secrets, tls)
                .sayTo(cluster.peer(1), cluster.group().getGroupId());
    }

    /**
     * The kind of the first HTTP/2 frame that the server sends to a client with this certificate. Since TLS 1.3 a client learns
     * with the first byte that it reads that its certificate was not accepted.
     */
    private static int firstFrame(SSLContext context, String address) throws IOException {
        int port = NetUtils.createSocketAddr(address).getPort();
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(30_000);
            SSLParameters parameters = socket.getSSLParameters();
            // Without it Ratis's server takes nobody, whatever the certificate.
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            byte[] lengthAndKind = socket.getInputStream().readNBytes(4);
            if (lengthAndKind.length < 4) {
                throw new SSLException("The connection was closed");
            }
            return lengthAndKind[3];
        }
    }

    /** Lesson 26: the three steps of {@link ClusterSecrets}' Javadoc, each on every node before the next. */
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void secretsRotateWhileFilesKeepComingWithoutOneRefusal() throws Exception {
        for (int i = 1; i <= 3; i++) {
            write(i, "old");
            ClusterSecrets ofNode = ClusterSecrets.fromFile(secretsFile(i));
            cluster.customize(i, node -> node.setSecrets(ofNode));
        }
        cluster.start();
        put(1, 1 << 20);
        cluster.assertConverged(expected);

        for (List<String> step : List.of(List.of("old", "new"), List.of("new", "old"), List.of("new"))) {
            for (int i = 1; i <= 3; i++) {
                write(i, step.toArray(String[]::new));
                put(i, 100_000);
            }
            while (!IntStream.rangeClosed(1, 3)
                    .allMatch(i -> cluster.node(i).secretIds().equals(step))) {
                put(1 + expected.size() % 3, 1_000);
                cluster.assertConverged(expected);
            }
        }
        put(2, 100_000);
        cluster.assertConverged(expected);

        for (int i = 1; i <= 3; i++) {
            assertThat(cluster.node(i).stats().authFailure()).isZero();
            assertThat(cluster.node(i).stats().failed()).isZero();
        }
    }

    private Path secretsFile(int node) {
        return directory.resolve("secrets" + node);
    }

    /** Puts a whole new file in the place of the one before, as an operator should. */
    private void write(int node, String... ids) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String id : ids) {
            lines.append(id)
                    .append(':')
                    .append((id.equals("old") ? "0a" : "f1").repeat(32))
                    .append('\n');
        }
        Path next = directory.resolve("next" + node);
        Files.writeString(next, lines, StandardCharsets.US_ASCII);
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
        Files.move(next, secretsFile(node), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void put(int node, int bytes) throws Exception {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        String path = "file" + (expected.size() + 1);
        cluster.put(node, path, content);
        expected.put(path, content);
    }
}
