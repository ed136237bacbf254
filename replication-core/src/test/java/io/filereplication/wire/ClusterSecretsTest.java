package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.NodeId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterSecretsTest {
    private static final String HEX = "00ff".repeat(16);
    private static final String RAW = "correct horse battery staple, 33!";

    @TempDir
    Path dir;

    private Path file(String text, String permissions) throws IOException {
        Path file = Files.writeString(dir.resolve("secrets"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private static byte[] find(ClusterSecrets secrets, String keyId) {
        return Objects.requireNonNull(secrets.find(keyId)).bytes();
    }

    @Test
    void aSecretHasAtLeast32Bytes() {
        ClusterSecrets.of("k", new byte[32]);
        assertThatThrownBy(() -> ClusterSecrets.of("k", new byte[31]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("31")
                .hasMessageContaining("32");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:b", "ä", "a\n"})
    void aKeyIdIsPlain(String keyId) {
        assertThatThrownBy(() -> ClusterSecrets.of(keyId, new byte[32])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ClusterSecrets.of("k".repeat(65), new byte[32]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theFirstLineIsPrimary() throws IOException {
        String base64 = Base64.getEncoder().encodeToString(Wired.bytes(40, 9));
        ClusterSecrets secrets =
                ClusterSecrets.ofText("# a comment\n\nk2: " + HEX + "\n  k1:" + base64 + "\n", "a test");

        assertThat(secrets.primary().keyId()).isEqualTo("k2");
        assertThat(find(secrets, "k2")).hasSize(32).startsWith(0, 255);
        assertThat(find(secrets, "k1")).isEqualTo(Wired.bytes(40, 9));
        assertThat(secrets.find("k3")).isNull();
    }

    @Test
    void oneLineWithoutAColonIsTheSecretItself() throws IOException {
        ClusterSecrets secrets = ClusterSecrets.ofText(RAW + "\n", "a test");
        assertThat(find(secrets, "default")).isEqualTo(RAW.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "# nothing\n", "k1:!!!secret!!!", "k1:abcd", "k1:00ff\nhidden-words", "short", "k1:%1\nk1:%1"
            })
    void whatCannotBeReadIsRefusedWithoutBeingQuoted(String text) {
        assertThatThrownBy(() -> ClusterSecrets.ofText(text.replace("%1", HEX), "a test"))
                .isInstanceOf(IOException.class)
                .satisfies(e -> assertThat(e.toString() + e.getCause())
                        .contains("a test")
                        .doesNotContain("!!!secret")
                        .doesNotContain("hidden")
                        .doesNotContain("00ff"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "r--------", "r--r-----", "rw-rw----"})
    void aFileThatOthersCannotTouchIsRead(String permissions) throws IOException {
        Path file = file("k1:" + HEX, permissions);
        assertThat(ClusterSecrets.fromFile(file).primary().keyId()).isEqualTo("k1");
        Path link = Files.createSymbolicLink(dir.resolve("link"), file);
        assertThat(ClusterSecrets.fromFile(link).primary().keyId())
                .as("through a link")
                .isEqualTo("k1");
        Path again = Files.createSymbolicLink(dir.resolve("link-to-a-link"), link.getFileName());
        assertThat(ClusterSecrets.fromFile(again).primary().keyId())
                .as("through two, as a container platform mounts it")
                .isEqualTo("k1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw----r--", "rw-----w-", "rw------x", "r-----r--", "r--r--r--"})
    void aFileToWhichOthersHaveAnyAccessIsRefused(String permissions) throws IOException {
        Path file = file("k1:" + HEX, permissions);
        assertThatThrownBy(() -> ClusterSecrets.fromFile(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("o-rwx");
        Path link = Files.createSymbolicLink(dir.resolve("link"), file);
        assertThatThrownBy(() -> ClusterSecrets.fromFile(link))
                .as("the target of a link is looked at")
                .isInstanceOf(IOException.class)
                .hasMessageContaining("o-rwx");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        ClusterSecrets.fromFile(link);
    }

    @Test
    void aMissingFileIsRefused() {
        assertThatThrownBy(() -> ClusterSecrets.fromFile(dir.resolve("none"))).isInstanceOf(IOException.class);
    }

    /** Lesson 26: a changed file is read again; one that cannot be used changes nothing. */
    @Test
    void aChangedFileIsReadAgainWithinASecond() throws IOException {
        AtomicLong now = new AtomicLong();
        Path file = file("k1:" + HEX, "rw-------");
        ClusterSecrets secrets = ClusterSecrets.fromFile(file, now::get);
        change(file, "k2:" + HEX + "\nk1:" + HEX, 1);
        assertThat(secrets.primary().keyId()).isEqualTo("k1");

        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(secrets.primary().keyId()).isEqualTo("k2");

        change(file, "nonsense", 2);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(secrets.primary().keyId()).isEqualTo("k2");

        Files.delete(file);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(secrets.primary().keyId()).isEqualTo("k2");

        change(file(" ", "rw-------"), "k3:" + HEX, 3);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(secrets.primary().keyId()).isEqualTo("k3");
        assertThat(secrets.find("k2")).isNull();
    }

    @Test
    void anInterruptKeepsNoChangeFromBeingRead() throws IOException {
        AtomicLong now = new AtomicLong();
        Path file = file("k1:" + HEX, "rw-------");
        ClusterSecrets secrets = ClusterSecrets.fromFile(file, now::get);
        change(file, "k2:" + HEX, 1);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));

        Thread.currentThread().interrupt();
        assertThat(secrets.primary().keyId()).isEqualTo("k2");
        assertThat(Thread.interrupted()).as("whose interrupt it is notices it").isTrue();
    }

    /** What failed may work the next time although the file looks the same. */
    @Test
    void aChangeThatCouldNotBeReadIsReadAgainUntilItCan() throws IOException {
        AtomicLong now = new AtomicLong();
        Path file = file("k1:" + HEX, "rw-------");
        ClusterSecrets secrets = ClusterSecrets.fromFile(file, now::get);
        String good = "k2:" + HEX;
        change(file, good.replace('0', '?'), 1);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(secrets.primary().keyId()).isEqualTo("k1");

        change(file, good, 1);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(secrets.primary().keyId()).isEqualTo("k2");
    }

    /** Several nodes of one process may share the secrets: each watches the file, and says of itself that it has read it. */
    @Test
    void aNodeThatNeedsNoSecretReadsAChangedFileToo() throws IOException {
        AtomicLong now = new AtomicLong();
        Path file = file("k1:" + HEX, "rw-------");
        ClusterSecrets given = ClusterSecrets.fromFile(file, now::get);
        List<ClusterSecrets> nodes = List.of(given.forNode(NodeId.of("n1")), given.forNode(NodeId.of("n2")));
        change(file, "k2:" + HEX, 1);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));

        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            nodes.forEach(ClusterSecrets::look);
            change(file, "nonsense", 2);
            now.addAndGet(TimeUnit.SECONDS.toNanos(1));
            nodes.forEach(ClusterSecrets::look);
        } finally {
            System.setErr(before);
        }

        assertThat(nodes).extracting(ClusterSecrets::toString).containsOnly("cluster secrets [k2]");
        assertThat(given).hasToString("cluster secrets [k1]");
        assertThat(written.toString(StandardCharsets.UTF_8).lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains(" - n1: the secrets in " + file),
                        line -> assertThat(line).contains(" - n2: the secrets in " + file),
                        line -> assertThat(line).contains(" - n1: the secrets read before stay in use: "),
                        line -> assertThat(line).contains(" - n2: the secrets read before stay in use: "));
    }

    /** With the secrets of before and the look of now it would never notice. */
    @Test
    void aNodeThatIsGivenTheSecretsWhileTheyAreReadAgainHasTheNewOnes() throws IOException {
        AtomicLong now = new AtomicLong();
        Path file = file("k1:" + HEX, "rw-------");
        ClusterSecrets given = ClusterSecrets.fromFile(file, now::get);
        change(file, "k2:" + HEX, 1);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));

        List<ClusterSecrets> nodes = new ArrayList<>();
        PrintStream before = System.err;
        System.setErr(new PrintStream(before, true, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
                nodes.add(given.forNode(NodeId.of("n1")));
            }
        });
        try {
            given.look();
        } finally {
            System.setErr(before);
        }
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));

        assertThat(nodes).as("the change was logged").isNotEmpty();
        assertThat(nodes).allSatisfy(node -> assertThat(node.primary().keyId()).isEqualTo("k2"));
    }

    private static void change(Path file, String text, int minutes) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.fromMillis(TimeUnit.MINUTES.toMillis(minutes)));
    }

    @Test
    void othersAreAcceptedButNotPrimary() {
        ClusterSecrets secrets = ClusterSecrets.of("k1", new byte[32]).accepting("k2", new byte[33]);
        assertThat(secrets.primary().keyId()).isEqualTo("k1");
        assertThat(find(secrets, "k2")).hasSize(33);
        assertThatThrownBy(() -> secrets.accepting("k1", new byte[32])).isInstanceOf(IllegalArgumentException.class);
    }

    /** Secrets, keys and tags appear in no text form. */
    @Test
    void nothingSecretIsEverShown() throws Exception {
        Wired wired = new Wired();
        ClientHandshake handshake = wired.hello();
        ClientSession session =
                handshake.complete(wired.server.answerHello(handshake.hello()).answer());
        ProvenRequest request = wired.server.open(Wired.request(session));
        String shown = String.join(
                "\n",
                wired.client.toString(),
                ClusterSecrets.of("k1", RAW.getBytes(StandardCharsets.UTF_8)).toString(),
                ClusterSecrets.of("k1", RAW.getBytes(StandardCharsets.UTF_8))
                        .primary()
                        .toString(),
                handshake.toString(),
                session.toString(),
                session.request(List.of(Wired.wanted("a", 1))).toString(),
                request.toString(),
                request.answer().toString(),
                wired.server.toString(),
                Wired.keys(10).toString());
        assertThat(shown).doesNotContain(RAW).doesNotContain("0101010101").doesNotContain("1, 1, 1, 1");
        assertThat(wired.client.toString()).contains("k1");
    }
}
