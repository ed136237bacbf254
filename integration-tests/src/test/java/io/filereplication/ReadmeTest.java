package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.pull.PullerStats;
import io.filereplication.serve.ServeStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documents say of the code is true: commands, Java, settings, statistics, links, and names of tests. */
class ReadmeTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern MAVEN = Pattern.compile("(?m)^ *mvn .*$");
    private static final Pattern OPTION =
            Pattern.compile("(-P|-pl |-Dbenchmark=|-Dtest=|-Dit\\.test=)'?([A-Za-z-]+(?:,[A-Za-z-]+)*)");
    private static final String BENCHMARKS =
            "integration-tests/src/main/java/io/filereplication/benchmark/Benchmarks.java";
    private static final Pattern FAILURE = Pattern.compile("^\\| (\\d+) \\| [^|]+ \\| ([^|]+) \\|$");

    @Test
    void firstShellBlockIsTheDemoAndTheSecondWhatCiRuns() throws Exception {
        List<String> blocks = Documents.blocks(Documents.root().resolve("README.md"), "sh").stream()
                .map(Documents.Block::text)
                .toList();

        assertThat(blocks.get(0)).isEqualTo("mvn -B -ntp -q -Pdemo verify\n");
        assertThat(blocks.get(1)).isEqualTo("mvn -B -ntp verify\n");
        assertThat(Documents.read(".ci/run").lines().filter(line -> line.startsWith("mvn")))
                .as("what .ci/run runs")
                .containsExactly(blocks.get(1).strip());
    }

    @Test
    void everyJavaBlockCompiles(@TempDir Path output) throws Exception {
        List<Documents.Block> blocks = new ArrayList<>();
        for (Path document : Documents.all()) {
            blocks.addAll(Documents.blocks(document, "java"));
        }

        assertThat(blocks).hasSizeGreaterThanOrEqualTo(2);
        assertThat(blocks.stream().flatMap(block -> Snippets.complaints(block, output).stream()))
                .isEmpty();
    }

    /** A snippet that does not compile is noticed, or the test above would prove nothing. */
    @Test
    void noticesJavaThatDoesNotCompile(@TempDir Path output) {
        Documents.Block wrong = new Documents.Block(Path.of("README.md"), "", 40, "\nfiles.put(1);\n");

        assertThat(Snippets.complaints(wrong, output))
                .singleElement()
                .asString()
                .startsWith("README.md:42 ");
    }

    /** With {@code -Dreadme.update} it writes the table instead. */
    @Test
    void tableOfSettingsIsThatOfTheConfigKeys() throws Exception {
        if (System.getProperty("readme.update") != null) {
            Documents.replaceSection("README.md", "settings", SettingsTable.generate());
        }

        assertThat(Documents.section("README.md", "settings"))
                .as("the settings in README.md; CONTRIBUTING.md says how to write them anew")
                .isEqualTo(SettingsTable.generate());
    }

    @Test
    void namesEveryStatistic() throws Exception {
        List<String> documented = code(Documents.section("README.md", "statistics"));

        assertThat(documented).containsExactlyElementsOf(PullerStats.names());
    }

    @Test
    void namesEveryStatisticOfServing() throws Exception {
        List<String> documented = code(Documents.section("README.md", "serving statistics"));
        ServeStats none = new ServeStats(false, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of(), Map.of(), Map.of(), 0, 0);

        assertThat(documented).containsExactlyElementsOf(none.toMap().keySet());
    }

    @Test
    void relativeLinksLeadToFiles() throws Exception {
        List<String> broken = new ArrayList<>();
        for (Path document : Documents.all()) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                if (!Files.exists(document.resolveSibling(link.group(1)))) {
                    broken.add(document.getFileName() + " -> " + link.group(1));
                }
            }
        }

        assertThat(broken).isEmpty();
    }

    /** Each failure names test classes, and each of these says which of its tests is meant by "Lesson" and the number. */
    @Test
    void failuresNameTestsThatKnowThem() throws Exception {
        List<String> wrong = new ArrayList<>();
        int rows = 0;
        for (String line : Documents.read("docs/failures.md").lines().toList()) {
            Matcher row = FAILURE.matcher(line);
            if (row.matches()) {
                rows++;
                Pattern mention = Pattern.compile("Lessons? [\\d, and]*\\b" + row.group(1) + "\\b");
                for (String test : code(row.group(2))) {
                    if (!mention.matcher(source(test)).find()) {
                        wrong.add(row.group(1) + ": " + test);
                    }
                }
            }
        }

        assertThat(rows).isEqualTo(40);
        assertThat(wrong).isEmpty();
    }

    /** What people run and CI does not: benchmarks, single tests, profiles. */
    @Test
    void mavenCommandsNameTestsProfilesModulesAndBenchmarksThatExist() throws Exception {
        String poms = Documents.read("pom.xml")
                + Documents.read("replication-core/pom.xml")
                + Documents.read("ratis-manifest/pom.xml")
                + Documents.read("integration-tests/pom.xml");
        List<String> unknown = new ArrayList<>();
        int commands = 0;
        for (Path document : Documents.all()) {
            Matcher command = MAVEN.matcher(Files.readString(document));
            while (command.find()) {
                commands++;
                Matcher option = OPTION.matcher(command.group());
                while (option.find()) {
                    for (String name : option.group(2).split(",", -1)) {
                        if (!exists(option.group(1), name, poms)) {
                            unknown.add(document.getFileName() + ": " + option.group());
                        }
                    }
                }
            }
        }

        assertThat(unknown).isEmpty();
        assertThat(commands).isGreaterThan(10);
    }

    private static boolean exists(String option, String name, String poms) throws IOException {
        return switch (option) {
            case "-P" -> poms.contains("<id>" + name + "</id>");
            case "-pl " -> poms.contains("<artifactId>" + name + "</artifactId>");
            case "-Dbenchmark=" -> Documents.read(BENCHMARKS).contains("case \"" + name + "\" ->");
            default -> name.equals("None") || !source(name).isEmpty();
        };
    }

    private static List<String> code(String text) {
        return CODE.matcher(text).results().map(found -> found.group(1)).toList();
    }

    private static String source(String testClass) throws IOException {
        for (String module : List.of("replication-core", "ratis-manifest", "integration-tests")) {
            try (Stream<Path> files = Files.walk(Documents.root().resolve(module + "/src/test/java"))) {
                Path found = files.filter(file -> file.endsWith(testClass + ".java"))
                        .findFirst()
                        .orElse(null);
                if (found != null) {
                    return Files.readString(found);
                }
            }
        }
        return "";
    }
}
