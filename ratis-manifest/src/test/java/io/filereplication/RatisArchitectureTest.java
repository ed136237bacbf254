package io.filereplication;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;

/** The module's shape: no cycles, each package depends only on those below it, and only Ratis's own protobuf is used. */
class RatisArchitectureTest {

    private static final String ROOT = "io.filereplication";
    private static final JavaClasses CLASSES = new ClassFileImporter().importPath(Path.of("target", "classes"));

    @Test
    void packagesAreFreeOfCycles() {
        slices().assignedFrom(packages())
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @ParameterizedTest(name = "{0} does not depend on {1}")
    @CsvSource(textBlock = """
                    manifest, stream client status metrics plugin http cli
                    stream,   client status metrics plugin http cli
                    client,   stream status metrics plugin http cli
                    status,   stream client metrics plugin http cli
                    metrics,  stream status plugin http cli
                    plugin,   http cli
                    http,     cli
                    """)
    void doesNotDependOnThePackagesAbove(String layer, String above) {
        noClasses()
                .that()
                .resideInAPackage(packagePattern(layer))
                .should()
                .dependOnClassesThat(resideInAnyPackage(patterns(above)))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void everyPackageHasALayer() {
        classes()
                .should()
                .resideInAnyPackage(patterns("manifest stream client status metrics plugin http cli"))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void onlyTheCommandLineUsesItsLibraries() {
        noClasses()
                .that()
                .resideOutsideOfPackage(packagePattern("cli"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "me.tongfei..")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void usesTheProtobufAndNettyThatRatisBrings() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.google..", "io.grpc..", "io.netty..")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    /** So that every line says whose it is, and failures that go on are summed up. */
    @Test
    void whatWorksForOneGroupWritesToTheLogThroughNodeLog() {
        noClasses()
                .that()
                .resideInAnyPackage(patterns("manifest"))
                .or()
                .haveSimpleName("Put")
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "writes a line above DEBUG",
                        call -> call.getTargetOwner().isEquivalentTo(Logger.class)
                                && Set.of("info", "warn", "error").contains(call.getName())))
                .check(CLASSES);
    }

    private static String[] patterns(String layers) {
        return Arrays.stream(layers.split(" ", -1))
                .map(RatisArchitectureTest::packagePattern)
                .toArray(String[]::new);
    }

    /** A layer includes the packages below it. */
    private static String packagePattern(String layer) {
        return ROOT + "." + layer + "..";
    }

    private static SliceAssignment packages() {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
                return javaClass.getPackageName().startsWith(ROOT)
                        ? SliceIdentifier.of(javaClass.getPackageName())
                        : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "packages";
            }
        };
    }
}
