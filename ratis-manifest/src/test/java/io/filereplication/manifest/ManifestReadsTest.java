package io.filereplication.manifest;

import static io.filereplication.manifest.ManifestFixture.delete;
import static io.filereplication.manifest.ManifestFixture.register;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Reading the manifest while it changes. */
class ManifestReadsTest {
    private final ManifestFixture log = new ManifestFixture();

    private List<String> walk(String prefix, int limit) {
        List<String> seen = new ArrayList<>();
        FilePath after = null;
        while (true) {
            List<FileEntry> page = log.manifest.page(prefix, after, limit);
            if (page.isEmpty()) {
                return seen;
            }
            page.forEach(entry -> seen.add(entry.path().value()));
            after = page.get(page.size() - 1).path();
        }
    }

    @Test
    void pagesAreInTheOrderOfCodePoints() {
        log.apply(
                register("b", "1"),
                register("a/z", "1"),
                register("a-b", "1"),
                register("ä", "1"),
                register("😀", "1"));
        assertThat(walk("", 2)).containsExactly("a-b", "a/z", "b", "ä", "😀");
    }

    @Test
    void aPrefixNeedNotEndAtASegment() {
        log.apply(
                register("a/b/1", "1"),
                register("a/b/2", "1"),
                register("a/bc", "1"),
                register("a/.x", "1"),
                register("a-", "1"),
                register("b/b", "1"));
        assertThat(walk("a/b", 1)).containsExactly("a/b/1", "a/b/2", "a/bc");
        assertThat(walk("a/b/", 1)).containsExactly("a/b/1", "a/b/2");
        assertThat(walk("a/.", 1)).containsExactly("a/.x");
        assertThat(walk("a", 4)).containsExactly("a-", "a/.x", "a/b/1", "a/b/2", "a/bc");
        assertThat(walk("a//", 4)).isEmpty();
        assertThat(walk("/", 4)).isEmpty();
        assertThat(walk("c", 4)).isEmpty();
    }

    /** Lesson 29: a walk takes no lock, and what stays is never skipped however much changes meanwhile. */
    @Test
    void whatIsThereDuringAWholeWalkIsNeverSkipped() {
        for (int i = 0; i < 500; i += 2) {
            log.apply(register("kept-%03d".formatted(i), "x"));
        }
        Set<String> seen = new HashSet<>();
        FilePath after = null;
        int step = 0;
        while (true) {
            List<FileEntry> page = log.manifest.page(after, 7);
            if (page.isEmpty()) {
                break;
            }
            page.forEach(entry -> seen.add(entry.path().value()));
            after = page.get(page.size() - 1).path();
            log.apply(register("kept-%03d".formatted((step * 31) % 500 | 1), "y" + step));
            log.apply(delete("kept-%03d".formatted((step * 17) % 500 | 1)));
            step++;
        }
        for (int i = 0; i < 500; i += 2) {
            assertThat(seen).contains("kept-%03d".formatted(i));
        }
    }

    /** Lesson 13: a walk never ends in an error, whatever became of the entry that it stands at. */
    @Test
    void aPageBehindWhatHasGoneIsThePageBehindWhereItWas() throws Exception {
        ManifestFixture log = new ManifestFixture();
        log.apply(register("a", "1"), register("b", "1"), register("c", "1"));
        FilePath at = log.manifest.page(null, 2).get(1).path();
        log.apply(delete("b"));
        assertThat(log.manifest.page(at, 10))
                .extracting(entry -> entry.path().value())
                .containsExactly("c");

        ManifestFixture other = new ManifestFixture();
        other.apply(register("d", "1"));
        log.manifest.loadSnapshot(new ByteArrayInputStream(other.snapshot()));
        assertThat(log.manifest.page(at, 10))
                .extracting(entry -> entry.path().value())
                .containsExactly("d");
        assertThat(log.manifest.page(FilePath.of("z"), 10)).isEmpty();
    }

    @Test
    void aPageIsBounded() {
        assertThatThrownBy(() -> log.manifest.page(null, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(log.manifest.page(null, Integer.MAX_VALUE)).isEmpty();
    }

    @Test
    void queriesAnswerWhatTheManifestHolds() {
        log.apply(register("a", "one"), register("b", "three"));
        Queries.Answer one = Queries.decode(Queries.answer(log.manifest, Queries.path(FilePath.of("a"))));
        assertThat(one.entries()).containsExactly(log.manifest.get(FilePath.of("a")));
        assertThat(one.appliedIndex()).isZero();
        Queries.Answer page = Queries.decode(Queries.answer(log.manifest, Queries.page("", FilePath.of("a"), 5)));
        assertThat(page.entries()).containsExactly(log.manifest.get(FilePath.of("b")));
        Queries.Answer summary = Queries.decode(Queries.answer(log.manifest, Queries.summary()));
        assertThat(summary.count()).isEqualTo(2);
        assertThat(summary.bytes()).isEqualTo(8);
        assertThat(summary.entries()).isEmpty();
        assertThat(Queries.decode(Queries.answer(log.manifest, Queries.path(FilePath.of("x"))))
                        .entries())
                .isEmpty();
    }
}
