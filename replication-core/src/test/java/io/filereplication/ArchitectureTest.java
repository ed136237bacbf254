package io.filereplication;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;

/** The module's shape: no Ratis, no cycles, and each package depends only on those below it. */
class ArchitectureTest {

    private static final String ROOT = "io.filereplication";
    private static final JavaClasses CLASSES = new ClassFileImporter().importPath(Path.of("target", "classes"));

    @Test
    void neverDependsOnRatis() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.ratis..")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().assignedFrom(packages())
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @ParameterizedTest(name = "{0} depends only on {1}")
    @CsvSource(textBlock = """
                    root,    ''
                    time,    ''
                    log,     root time
                    storage, root time log
                    wire,    root
                    fetch,   root wire storage time log
                    serve,   root wire storage time log
                    pull,    root fetch storage time log
                    """)
    void dependsOnlyOnThePackagesBelow(String layer, String below) {
        String[] allowed = Stream.concat(Stream.of(layer), words(below))
                .map(ArchitectureTest::packagePattern)
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage(packagePattern(layer))
                .should()
                .onlyDependOnClassesThat(thirdPartyOr(allowed))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void everyPackageHasALayer() {
        classes()
                .should()
                .resideInAnyPackage(Stream.of("root", "time", "log", "storage", "wire", "fetch", "serve", "pull")
                        .map(ArchitectureTest::packagePattern)
                        .toArray(String[]::new))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    /** So that every line says whose it is, and failures that go on are summed up. */
    @Test
    void whatWorksForOneGroupWritesToTheLogThroughNodeLog() {
        noClasses()
                .that()
                .resideInAnyPackage(Stream.of("storage", "fetch", "serve", "pull")
                        .map(ArchitectureTest::packagePattern)
                        .toArray(String[]::new))
                .and()
                .doNotHaveSimpleName("ActiveThreads")
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "writes a line above DEBUG",
                        call -> call.getTargetOwner().isEquivalentTo(Logger.class)
                                && Set.of("info", "warn", "error").contains(call.getName())))
                .check(CLASSES);
    }

    /** Whatever is not ours, and of ours only the given packages. */
    private static DescribedPredicate<JavaClass> thirdPartyOr(String[] allowed) {
        return DescribedPredicate.not(resideInAPackage(ROOT + ".."))
                .or(resideInAnyPackage(allowed))
                .as("belong to %s, or are not ours", Arrays.toString(allowed));
    }

    /** The root is one package; a layer includes the packages below it. */
    private static String packagePattern(String layer) {
        return layer.equals("root") ? ROOT : ROOT + "." + layer + "..";
    }

    private static Stream<String> words(String text) {
        return Arrays.stream(text.split(" ", -1)).filter(word -> !word.isEmpty());
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
