package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The jars as they were built: what embedders get, what users of the command line get, and what a release has besides. */
class PublishedJarsIT {

    @ParameterizedTest
    @CsvSource({
        "replication-core, io.filereplication.core, io/filereplication/pull/Puller.class",
        "ratis-manifest, io.filereplication.ratis, io/filereplication/plugin/FileReplicationPlugin.class"
    })
    void aJarHasAModuleNameItsLicenceAndItsClasses(String module, String name, String publicClass) throws Exception {
        try (JarFile jar = jar(module, ".jar")) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name"))
                    .isEqualTo(name);
            assertThat(names(jar)).contains("META-INF/LICENSE", publicClass).noneMatch(each -> each.contains("/cli/"));
        }
    }

    /** Only the profile "release" makes these; CONTRIBUTING.md has the command. */
    @ParameterizedTest
    @CsvSource({
        "replication-core, io/filereplication/pull/Puller",
        "ratis-manifest, io/filereplication/plugin/FileReplicationPlugin"
    })
    @EnabledIfSystemProperty(named = "release", matches = "true")
    void aReleaseHasSourcesAndJavadocOfEachJar(String module, String publicType) throws Exception {
        try (JarFile sources = jar(module, "-sources.jar");
                JarFile javadoc = jar(module, "-javadoc.jar")) {
            assertThat(names(sources)).contains("META-INF/LICENSE", publicType + ".java");
            assertThat(names(javadoc))
                    .contains("index.html")
                    .anyMatch(each -> each.endsWith("/" + publicType + ".html"))
                    .as("neither the command line nor generated classes are for embedders")
                    .noneMatch(each -> each.contains("/cli/") || each.contains("/proto/"));
        }
    }

    @Test
    void theCommandLinesJarRunsAndCarriesWhatItBundlesWithItsLicences() throws Exception {
        try (JarFile jar = jar("ratis-manifest", "-cli.jar")) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
                    .isEqualTo("io.filereplication.cli.Main");
            assertThat(services(jar, "org.apache.ratis.metrics.MetricRegistries"))
                    .endsWith("org.apache.ratis.metrics.impl.MetricRegistriesImpl");
            assertThat(services(jar, "org.slf4j.spi.SLF4JServiceProvider"))
                    .isEqualTo("org.slf4j.simple.SimpleServiceProvider");
            for (String bundled : List.of("ratis-server", "ratis-thirdparty-misc")) {
                assertThat(names(jar))
                        .contains("META-INF/licenses/" + bundled + "/META-INF/LICENSE")
                        .contains("META-INF/licenses/" + bundled + "/META-INF/NOTICE");
            }
            assertThat(names(jar))
                    .contains(
                            "META-INF/LICENSE",
                            "META-INF/licenses/progressbar/LICENSE",
                            "META-INF/licenses/jline/LICENSE")
                    .noneMatch(name -> name.startsWith("META-INF/") && name.endsWith(".SF"));
        }
    }

    /** Without it no two builds are the same; CONTRIBUTING.md has the command that compares two. */
    @ParameterizedTest
    @CsvSource({"replication-core, .jar", "ratis-manifest, .jar", "ratis-manifest, -cli.jar"})
    void everyEntryOfAJarHasTheOneTimeThatTheProjectGives(String module, String suffix) throws Exception {
        try (JarFile jar = jar(module, suffix)) {
            assertThat(jar.stream())
                    .isNotEmpty()
                    .allSatisfy(
                            entry -> assertThat(entry.getTimeLocal()).isEqualTo(LocalDateTime.of(2026, 1, 1, 0, 0)));
        }
    }

    private static List<String> names(JarFile jar) {
        return jar.stream().map(entry -> entry.getName()).toList();
    }

    private static String services(JarFile jar, String service) throws IOException {
        return new String(
                        jar.getInputStream(jar.getEntry("META-INF/services/" + service))
                                .readAllBytes(),
                        StandardCharsets.UTF_8)
                .strip();
    }

    private static JarFile jar(String module, String ending) throws IOException {
        Pattern name = Pattern.compile(module + "-[0-9.]+(-SNAPSHOT)?" + Pattern.quote(ending));
        try (Stream<Path> files = Files.list(Documents.root().resolve(module + "/target"))) {
            return new JarFile(files.filter(
                            file -> name.matcher(file.getFileName().toString()).matches())
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "There is no " + module + ending + ": mvn package makes it, for a release with -Prelease"))
                    .toFile());
        }
    }
}
