package io.filereplication.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.node.NodeSettings;
import io.filereplication.cli.node.RunningNode;
import io.filereplication.testing.FreePorts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command against a real node of one member, in this JVM, through its control socket. */
class CommandLineTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path home;

    private static RunningNode node;

    /** What a command said. */
    private record Said(int code, String out, String err) {}

    @BeforeAll
    static void startNode() throws Exception {
        assertThat(run("secret", "generate", home.resolve("secret").toString()).code())
                .isZero();
        node = RunningNode.start(NodeSettings.of(home, settings()));
        await("the node is ready")
                .atMost(PATIENCE)
                .until(() -> run("status", "--check", "--dir", home.toString()).code() == 0);
    }

    private static Map<String, String> settings() {
        Map<String, String> values = new HashMap<>();
        values.put(NodeSettings.ID, "n1");
        values.put(NodeSettings.PEERS, "n1=127.0.0.1:" + FreePorts.next() + ":" + FreePorts.next());
        values.put(NodeSettings.HTTP, "127.0.0.1:" + FreePorts.next());
        values.put("file.replication.pull.delete.grace", "100ms");
        return values;
    }

    @AfterAll
    static void stopNode() {
        node.close();
        assertThat(home.resolve("control.socket")).doesNotExist();
    }

    private static Said run(String... args) {
        return run(new byte[0], args);
    }

    private static Said run(byte[] input, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Streams streams = new Streams(
                new ByteArrayInputStream(input),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false);
        int code = Main.run(streams, args);
        return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The command for the node of this test. */
    private static Said ask(String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.add("--dir");
        all.add(home.toString());
        return run(all.toArray(String[]::new));
    }

    private static void put(String path, String content) {
        Said said = run(content.getBytes(StandardCharsets.UTF_8), "put", "-", path, "--dir", home.toString());
        assertThat(said).extracting(Said::code).as(said.err()).isEqualTo(0);
    }

    @Test
    void whatWasPutIsListedShownAndFetched(@TempDir Path work) throws Exception {
        Path source = Files.writeString(work.resolve("source"), "some bytes");

        Said put = ask("put", source.toString(), "a/b.txt", "-a", "tier=hot", "--json");
        Said listed = ask("ls", "a/", "--json");
        Said shown = ask("stat", "a/b.txt", "--json");
        Path target = work.resolve("target");
        Said got = ask("get", "a/b.txt", target.toString());

        assertThat(put.code()).as(put.err()).isZero();
        assertThat(put.out())
                .contains("\"path\":\"a/b.txt\"", "\"size_bytes\":10", "\"attributes\":{\"tier\":\"hot\"}");
        assertThat(listed.out()).isEqualTo(put.out());
        assertThat(shown.out()).contains("\"holds\":true");
        assertThat(got.code()).as(got.err()).isZero();
        assertThat(target).hasContent("some bytes");
        assertThat(work).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void bytesLongerThanAMessageSurviveBothWays(@TempDir Path work) throws Exception {
        byte[] bytes = new byte[3_000_001];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + i / 1000);
        }
        Path source = Files.write(work.resolve("big"), bytes);

        assertThat(ask("put", source.toString(), "big.bin").code()).isZero();
        assertThat(ask("get", "big.bin", work.resolve("back").toString()).code())
                .isZero();

        assertThat(work.resolve("back")).hasBinaryContent(bytes);
    }

    @Test
    void anEmptyFileIsAFile() {
        put("empty", "");

        assertThat(ask("get", "empty", "-")).isEqualTo(new Said(0, "", ""));
        assertThat(ask("ls", "empty", "--json").out()).contains("\"size_bytes\":0");
    }

    @Test
    void pagesEndAndGoOnWhereTheyEnded() {
        for (int i = 0; i < 5; i++) {
            put("page/" + i, "x" + i);
        }

        Said first = ask("ls", "page/", "-n", "2");
        Said second = ask("ls", "page/", "-n", "2", "--after", "page/1");
        Said rest = ask("ls", "page/", "--after", "page/3");

        assertThat(first.out().lines()).hasSize(2).last().asString().endsWith("page/1");
        assertThat(second.out().lines()).hasSize(2).last().asString().endsWith("page/3");
        assertThat(rest.out().lines()).singleElement().asString().endsWith("page/4");
    }

    @Test
    void removesWhatIsThereAndSaysWhatIsNot() {
        put("gone", "x");

        Said removed = ask("rm", "gone", "never");
        Said again = ask("rm", "gone");
        Said forced = ask("rm", "-f", "gone");

        assertThat(removed)
                .isEqualTo(new Said(3, "gone is removed\n", "No file is registered as never: 'ls' shows what is\n"));
        assertThat(again.code()).isEqualTo(ExitCode.NOT_FOUND.number());
        assertThat(forced.code()).isZero();
        assertThat(ask("stat", "gone").code()).isEqualTo(ExitCode.NOT_FOUND.number());
    }

    @Test
    void verifyNamesDamageMissingCopiesAndStrangersAndWaitsForRepairsInVain() throws Exception {
        put("v/whole", "whole");
        put("v/damaged", "damaged");
        put("v/cut", "cut off");
        put("v/missing", "missing");
        Files.writeString(home.resolve("files/v/damaged"), "changed", StandardOpenOption.TRUNCATE_EXISTING);
        Files.writeString(home.resolve("files/v/cut"), "cut", StandardOpenOption.TRUNCATE_EXISTING);
        Files.delete(home.resolve("files/v/missing"));
        Files.writeString(home.resolve("files/v/stranger"), "nobody registered me");

        Said said = ask("verify", "v/", "--wait", "0");

        assertThat(said.code()).as(said.err()).isEqualTo(ExitCode.NOT_WELL.number());
        assertThat(said.out().lines().toList())
                .contains("v/cut: damaged", "v/damaged: damaged", "v/missing: missing", "v/stranger: unregistered")
                .last()
                .asString()
                .startsWith("4 files")
                .contains("1 whole, 2 damaged, 1 missing; 0 repaired, 3 remaining; 1 unregistered");
        assertThat(home.resolve("files/v/stranger")).hasContent("nobody registered me");
        // The files are lost: there is no other member. So that the others' node is well again:
        assertThat(ask("rm", "v/cut", "v/damaged", "v/missing").code()).isZero();
    }

    /** A root may hold any number of files that are not ours. */
    @Test
    void verifyCountsAllStrangersAndNamesThatManyThatTheyFitInMemory() throws Exception {
        Path strangers = Files.createDirectories(home.resolve("files/strangers"));
        for (int i = 0; i < 10_001; i++) {
            Files.createFile(strangers.resolve(Integer.toString(i)));
        }

        Said said = ask("verify", "strangers/");

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out().lines()).hasSize(10_001).last().asString().endsWith("; 10001 unregistered");
    }

    @Test
    void verifyOfWholeFilesIsWell() {
        put("w/1", "1");
        put("w/2", "2");

        assertThat(ask("verify", "w/", "--rate", "1MB", "--json"))
                .isEqualTo(new Said(
                        0,
                        "{\"bytes\":2,\"damaged\":0,\"files\":2,\"missing\":0,\"remaining\":0,\"repaired\":0,"
                                + "\"unregistered\":0,\"whole\":2}\n",
                        ""));
    }

    @Test
    void statusShowsThisMember() {
        Said text = ask("status");
        Said json = ask("status", "--local", "--json");

        assertThat(text.out().lines().toList().get(1)).startsWith("n1").contains("leader");
        assertThat(json.out().lines()).singleElement().asString().contains("\"role\":\"leader\"", "\"catch_up_walks\"");
    }

    /** The node ends when it was shown; who reads, when he was told of that. */
    @Test
    void whoWatchesIsToldThatTheNodeIsGoneAndGoesOnWatching(@TempDir Path other) throws Exception {
        Files.copy(home.resolve("secret"), other.resolve("secret"), StandardCopyOption.COPY_ATTRIBUTES);
        AtomicBoolean isTold = new AtomicBoolean();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code;
        try (RunningNode watched = RunningNode.start(NodeSettings.of(other, settings()))) {
            OutputStream shown = new FilterOutputStream(out) {
                @Override
                public void flush() throws IOException {
                    watched.close();
                    if (isTold.get()) {
                        throw new IOException("Nobody reads");
                    }
                }
            };
            OutputStream told = new FilterOutputStream(err) {
                @Override
                public void write(int each) throws IOException {
                    isTold.set(true);
                    super.write(each);
                }
            };
            Streams streams =
                    new Streams(InputStream.nullInputStream(), new PrintStream(shown), new PrintStream(told), false);

            code = Main.run(streams, "status", "--local", "--watch", "1ms", "--dir", other.toString());
        }

        assertThat(code).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).containsOnlyOnce("MEMBER");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("No node answers")
                .hasLineCount(1);
    }

    /** An address that is nobody's, so that nothing listens whatever is decided. */
    @Test
    void aNodeRefusesToListenBeyondLoopbackWithoutMutualTlsUnlessItIsToldTo(@TempDir Path other) throws Exception {
        Files.copy(home.resolve("secret"), other.resolve("secret"), StandardCopyOption.COPY_ATTRIBUTES);
        String[] beyond = {
            "node", "--dir", other.toString(), "--id", "n1", "--peer", "n1=192.0.2.1:6001:6002", "--http", "off"
        };
        String[] insecure = Arrays.copyOf(beyond, beyond.length + 2);
        insecure[beyond.length] = "-D";
        insecure[beyond.length + 1] = "file.replication.insecure.network=true";

        Said refused = run(beyond);
        Said trusted = run(insecure);

        assertThat(refused.code()).isEqualTo(ExitCode.USAGE.number());
        assertThat(refused.err())
                .startsWith("Node n1 would listen at 192.0.2.1:6001 without mutual TLS")
                .contains("node.tls.key", "file.replication.insecure.network")
                .hasLineCount(1);
        assertThat(trusted.err())
                .contains("192.0.2.1:6001 cannot be listened on")
                .hasLineCount(1);
        insecure[6] = "n1=no-such-host.invalid:6001:6002";
        assertThat(run(insecure).err())
                .contains("no-such-host.invalid:6001 is not known")
                .hasLineCount(1);
    }

    @Test
    void catchUpCanBeRequestedWithoutWaiting() {
        assertThat(ask("catch-up", "--wait", "0").code()).isZero();
    }

    @Test
    void membersThatAreNoneOrTheLastAreNotRemoved() {
        assertThat(ask("member", "remove", "n9"))
                .isEqualTo(new Said(2, "", "n9 is no member: 'status' shows who is\n"));
        assertThat(ask("member", "remove", "n1").code()).isEqualTo(ExitCode.USAGE.number());
        assertThat(ask("member", "add", "n2:1").code()).isEqualTo(ExitCode.USAGE.number());
        assertThat(ask("member", "add", "n1=127.0.0.1:1:2").code()).isEqualTo(ExitCode.USAGE.number());
    }

    @Test
    void conflictsAreRefusedWithTheirReason() {
        put("dir/file", "x");

        Said refused = run("y".getBytes(StandardCharsets.UTF_8), "put", "-", "dir", "--dir", home.toString());

        assertThat(refused.code()).isEqualTo(ExitCode.REFUSED.number());
        assertThat(refused.err()).contains("would have to be a directory").hasLineCount(1);
    }

    @Test
    void failuresAreOneSentenceUnlessMoreIsAsked(@TempDir Path work) {
        Said missing = ask("get", "no/such", work.resolve("t").toString());
        Said verbose = ask("get", "no/such", work.resolve("t").toString(), "--verbose");
        Said wrongPath = ask("put", work.toString(), "../x");
        Said noSource = ask("put", work.resolve("none").toString(), "x");

        assertThat(missing).isEqualTo(new Said(3, "", "No file is registered as no/such: 'ls' shows what is\n"));
        assertThat(verbose.err()).contains("\tat io.filereplication");
        assertThat(wrongPath.code()).isEqualTo(ExitCode.USAGE.number());
        assertThat(wrongPath.err()).hasLineCount(1);
        assertThat(noSource.code()).isEqualTo(ExitCode.USAGE.number());
        assertThat(ask("ls", "--limit", "0").err()).contains("--limit is 0").hasLineCount(1);
        assertThat(ask("put", "-", "x", "--copies", "0").err())
                .contains("--copies is 0")
                .hasLineCount(1);
        assertThat(run(new byte[0], "putt", "-", "x").err())
                .contains("maybe put is meant")
                .hasLineCount(1);
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void anExistingTargetIsReplacedOnlyByForce(@TempDir Path work) throws Exception {
        put("force", "new");
        Path target = Files.writeString(work.resolve("target"), "old");

        assertThat(ask("get", "force", target.toString()).code()).isEqualTo(ExitCode.USAGE.number());
        assertThat(target).hasContent("old");
        assertThat(ask("get", "force", target.toString(), "--force").code()).isZero();
        assertThat(target).hasContent("new");
    }

    @Test
    void theSocketIsItsOwnersAlone() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("control.socket"))))
                .isEqualTo("rw-------");
    }

    @Test
    void whoDoesNotSpeakTheProtocolIsHungUpOnAndOthersAreServed() throws Exception {
        try (SocketChannel stranger = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            stranger.connect(UnixDomainSocketAddress.of(home.resolve("control.socket")));
            stranger.write(StandardCharsets.US_ASCII.encode("GET / HTTP/1.1\r\n\r\n"));
            await("hung up").atMost(PATIENCE).until(() -> {
                try {
                    return stranger.read(java.nio.ByteBuffer.allocate(64)) < 0;
                } catch (IOException reset) {
                    return true;
                }
            });
        }

        assertThat(ask("status", "--local").code()).isZero();
    }

    @Test
    void commandsThatSayNothingDoNotKeepOthersOutForEver() throws Exception {
        List<SocketChannel> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 18; i++) {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                silent.add(channel);
                channel.connect(UnixDomainSocketAddress.of(home.resolve("control.socket")));
            }
            Said refused = ask("status", "--local");
            assertThat(refused.code()).isEqualTo(ExitCode.FAILED.number());
            assertThat(refused.err()).contains("16 commands already");
        } finally {
            for (SocketChannel channel : silent) {
                channel.close();
            }
        }
        await("room again")
                .atMost(PATIENCE)
                .until(() -> ask("status", "--local").code() == 0);
    }

    @Test
    void withoutANodeACommandSaysHowToReachOne(@TempDir Path nowhere) {
        Said said = run("ls", "--dir", nowhere.toString());

        assertThat(said.code()).isEqualTo(ExitCode.NO_NODE.number());
        assertThat(said.err()).contains("No node answers", "--dir").hasLineCount(1);
    }

    @Test
    void usageErrorsAndHelpNameWhatThereIs() {
        assertThat(run("frobnicate").code()).isEqualTo(ExitCode.USAGE.number());
        assertThat(run("get").code()).isEqualTo(ExitCode.USAGE.number());
        Said help = run("--help");
        assertThat(help.code()).isZero();
        for (ExitCode code : ExitCode.values()) {
            assertThat(help.out().replaceAll("\\s+", " ")).contains(code.number() + " " + code.meaning());
        }
        for (String command :
                List.of("node", "put", "get", "ls", "stat", "rm", "status", "verify", "catch-up", "member", "secret")) {
            assertThat(help.out()).contains("  " + command);
            assertThat(run(command, "--help").code()).isZero();
        }
    }

    @Test
    void aSecondNodeInTheSameDirectoryIsRefused() {
        Said said = run(
                "node",
                "--dir",
                home.toString(),
                "--id",
                "n1",
                "--peer",
                "n1=127.0.0.1:" + FreePorts.next() + ":" + FreePorts.next(),
                "--http",
                "off");

        assertThat(said.code()).isEqualTo(ExitCode.FAILED.number());
        assertThat(said.err()).hasLineCount(1);
        assertThat(ask("status", "--local").code()).isZero();
    }
}
