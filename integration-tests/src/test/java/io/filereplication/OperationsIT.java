package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.filereplication.cluster.TestCertificates;
import io.filereplication.metrics.Catalogue;
import io.filereplication.metrics.PrometheusText;
import io.filereplication.testing.PrometheusParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What docs/operations.md says to do when something happens: the test makes it happen, the document's commands repair it, and the
 * test looks whether they did. The nodes are processes of the jar that users get, with settings from files and mutual TLS.
 */
class OperationsIT {
    private static final Path DOCUMENT = Documents.root().resolve("docs/operations.md");
    private static final String FULL_DISK = "The disk is full";
    private static final int ROOM_MIB = 64;

    @TempDir
    Path home;

    /** By the heading that the document's commands stand below: what happens before them, and what must be true after them. */
    private static final Map<String, List<String>> AROUND = around();

    private static Map<String, List<String>> around() {
        Map<String, List<String>> around = new HashMap<>();
        around.put("Three nodes from files", List.of("""
                [ -z "${TMPFS:-}" ] || { mkdir -p /tmp/operations/n2/files && mount -t tmpfs -o size=$TMPFS none /tmp/operations/n2/files; }
                """, """
                same() { for n in "${@:2}"; do until cmp -s $1 $n/files/$1; do sleep 1; done; done; }
                mkdir reports archive
                head -c 6000000 /dev/urandom > reports/large
                head -c 3000 /dev/urandom > reports/small
                fr put reports/large reports/large --dir n1 --copies 3
                fr put reports/small reports/small --dir n2 --copies 3
                exec 3<> /dev/tcp/127.0.0.1/6103
                printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3
                cat <&3 > metrics
                exec 3>&-
                """));
        around.put("A node lost its files", List.of("""
                kill -9 $(cat n3/pid); wait $(cat n3/pid) || true
                rm -rf n3/files
                """, "same reports/large n3; same reports/small n3\n"));
        around.put(
                "A node lost its Raft directory, or everything",
                List.of("""
                kill -9 $(cat n3/pid); wait $(cat n3/pid) || true
                rm -rf n3
                """, "same reports/large n4; same reports/small n4\n"));
        around.put("The secret is to be replaced", List.of("", """
                fr put reports/small reports/rotated --dir n2 --copies 3
                fr status --dir n1 --json > rotated
                if grep k1 n?/secret; then exit 1; fi
                """));
        around.put(
                "A certificate runs out, or is the wrong one",
                List.of("""
                stop n2
                cp stranger/*.pem n2/
                start n2
                fr put reports/small reports/unseen --dir n1 --copies 2
                fr status --dir n1 > refused
                fr ls reports/unseen --dir n2 > listed
                ls n2/files/reports >> listed
                """, "cp reports/small reports/unseen; same reports/unseen n2\n"));
        around.put("A mass delete was a mistake", List.of("""
                fr rm reports/large --dir n1
                while [ -e n1/files/reports/large ]; do sleep 1; done
                """, "same reports/large n1 n2 n4\n"));
        around.put(FULL_DISK, List.of("""
                for year in 2019 2020 2021; do
                  head -c 20000000 /dev/urandom > archive/$year
                  fr put archive/$year archive/$year --dir n1 --copies 2
                done
                until fr status --dir n2 --local | grep 'The storage is full'; do sleep 1; done
                """, "same archive/2020 n2; same archive/2021 n2\n"));
        around.put("A checksum does not match", List.of("""
                printf x | dd of=n1/files/reports/small conv=notrunc
                if cmp reports/small n1/files/reports/small; then exit 1; fi
                """, "same reports/small n1\n"));
        around.put(
                "A node is to be taken out of service for a while",
                List.of("", "for n in n1 n2 n4; do stop $n; done\n"));
        return around;
    }

    @Test
    void everyIncidentIsRepairedByTheDocumentsCommands() throws Exception {
        List<String> shell = shellWithMounts();
        try (ShellScript script = new ShellScript(home, "/tmp/operations")) {
            makeNodes(script);
            script.add("room of n2", shell.isEmpty() ? "" : "TMPFS=" + ROOM_MIB + "m\n");
            for (Documents.Block block : Documents.blocks(DOCUMENT, "sh")) {
                if (!block.heading().equals(FULL_DISK) || !shell.isEmpty()) {
                    List<String> around = AROUND.get(block.heading());
                    assertThat(around).as(block.heading()).isNotNull();
                    script.add("before " + block.heading(), around.get(0))
                            .add(block)
                            .add("after " + block.heading(), around.get(1));
                }
            }
            List<String> command = new ArrayList<>(shell);
            command.add("bash");

            String said = script.run(command.toArray(String[]::new));

            assertThat(said).contains("1 damaged, 0 missing; 1 repaired, 0 remaining");
            Path cluster = script.cluster();
            assertThat(Files.readString(cluster.resolve("rotated")))
                    .contains("\"well\":true", "\"auth_failure\":0")
                    .doesNotContainPattern("\"auth_failure\":[1-9]");
            assertThat(Files.readString(cluster.resolve("refused"))).contains("n2 does not answer");
            assertThat(Files.readString(cluster.resolve("listed"))).doesNotContain("unseen");
            assertExported(Files.readString(cluster.resolve("metrics")));
        }
    }

    /** What a scraper gets is what the tables and the alerts of the document are about. */
    private static void assertExported(String answer) {
        int body = answer.indexOf("\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200");
        Map<String, PrometheusParser.Family> families = PrometheusParser.parse(answer.substring(body + 4));
        assertThat(families.keySet())
                .containsExactlyElementsOf(
                        Catalogue.all().stream().map(PrometheusText::nameOf).toList());
        Catalogue.all().stream()
                .filter(metric -> metric.description().labels().isEmpty())
                .map(PrometheusText::nameOf)
                .forEach(name -> assertThat(families.get(name).samples().keySet())
                        .isNotEmpty()
                        .allSatisfy(series -> assertThat(series.labels())
                                .containsEntry("node", "n1")
                                .containsKey("group")));
    }

    /** Directories as the document describes them; {@code renewed} and {@code stranger} have certificates for one incident. */
    private void makeNodes(ShellScript script) throws Exception {
        String settings = Documents.blocks(DOCUMENT, "properties").get(0).text();
        TestCertificates certificates = new TestCertificates(home, "n1", "n2", "n3", "n4", "stranger");
        for (String node : List.of("n1", "n2", "n3", "n4")) {
            Path directory = Files.createDirectories(script.cluster().resolve(node));
            certificates.writePem(node, directory);
            if (!node.equals("n4")) {
                String own = settings.replace("node.id = n1", "node.id = " + node)
                        .replace(":6103", ":6" + node.charAt(1) + "03");
                Files.writeString(directory.resolve("node.properties"), script.here(own));
            }
        }
        certificates.writePem("n2", Files.createDirectories(script.cluster().resolve("renewed/n2")));
        certificates.writePem(
                "stranger", Files.createDirectories(script.cluster().resolve("stranger")));
        script.add("the secret", """
                java -jar ratis-manifest/target/ratis-manifest-*-cli.jar secret generate /tmp/operations/n1/secret
                for n in n2 n3; do cp -p /tmp/operations/n1/secret /tmp/operations/$n/secret; done
                """);
    }

    /** Where this user may not mount anything, the document's word on full disks is not tested. */
    @Test
    void aDiskCanBeMadeFullHere() throws Exception {
        assumeTrue(!shellWithMounts().isEmpty(), "a small file system can be mounted: root, or user namespaces");
    }

    /** What runs a command where it may mount a file system that nobody else sees; empty when that is not allowed. */
    private List<String> shellWithMounts() throws InterruptedException {
        for (List<String> shell :
                List.of(List.of("unshare", "--mount"), List.of("unshare", "--user", "--map-root-user", "--mount"))) {
            List<String> command = new ArrayList<>(shell);
            command.addAll(List.of("mount", "-t", "tmpfs", "-o", "size=1m", "none", home.toString()));
            try {
                Process process =
                        new ProcessBuilder(command).redirectErrorStream(true).start();
                process.getInputStream().readAllBytes();
                if (process.waitFor() == 0) {
                    return shell;
                }
            } catch (IOException noSuchCommand) {
                return List.of();
            }
        }
        return List.of();
    }
}
