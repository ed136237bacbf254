package io.filereplication.pull;

import static io.filereplication.pull.OneNode.A;
import static io.filereplication.pull.OneNode.content;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.storage.LocalFiles.Memo;
import io.filereplication.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every file is hashed again from time to time, however often the process is restarted. Lesson 4. */
class ScrubTest {
    private static final byte[] CONTENT = content("some content");

    private OneNode node = new OneNode();
    private final List<FileVersion> versions = new ArrayList<>();

    private void has(int files) {
        for (int i = 0; i < files; i++) {
            FileEntry entry = node.manifest.register(FilePath.of("f" + i), CONTENT, A);
            node.files.has(entry, CONTENT);
            versions.add(entry.version());
        }
    }

    private void restart() {
        node = node.restarted(settings -> settings);
        node.started();
    }

    @AfterEach
    void leavesNothingOpen() {
        node.close();
    }

    @Test
    void aNodeThatIsRestartedEveryFewHoursStillScrubsEveryWeek() {
        has(3);
        node.started();
        for (int week = 1; week <= 3; week++) {
            node.files.verified.clear();
            for (int hour = 0; hour < 7 * 24; hour += 6) {
                node.advance(Duration.ofHours(6));
                restart();
            }
            assertThat(node.files.verified).as("week %d", week).containsAll(versions);
        }
    }

    @Test
    void aScrubThatWasInterruptedGoesOnWhereItWas() {
        has(5);
        node.started();
        node.files.hook = step -> {
            if (step.equals("verify")) {
                node.advance(Duration.ofMinutes(2));
                if (node.files.verified.size() == 2) {
                    node.puller.close();
                }
            }
        };
        node.advance(Duration.ofDays(1));
        assertThat(node.files.verified).containsExactlyElementsOf(versions.subList(0, 3));
        node.files.hook = step -> {};
        node.files.verified.clear();

        restart();
        node.advance(Duration.ofMinutes(11));

        assertThat(node.files.verified).containsExactlyElementsOf(versions.subList(3, 5));
    }

    /** Of what the filter does not want any more a good copy may stay; a bad one is neither believed nor replaced. */
    @Test
    void aBadCopyOfWhatIsNotWantedAnyMoreIsNotPulledAgain() {
        AtomicBoolean wanted = new AtomicBoolean(true);
        node.close();
        node = new OneNode(settings -> settings.filter((path, attributes) -> wanted.get()));
        has(1);
        node.fetcher.has(A, CONTENT);
        node.started();
        node.files.rot(FilePath.of("f0"));
        wanted.set(false);
        node.advance(Duration.ofDays(1));

        assertThat(node.fetcher.asked).isEmpty();
        assertThat(node.files.records(versions.get(0))).isFalse();
    }

    @Test
    void aFinishedScrubIsNotRepeatedBecauseOfARestart() {
        has(2);
        node.started();
        node.advance(Duration.ofDays(1));
        assertThat(node.files.verified).containsExactlyElementsOf(versions);

        restart();
        node.advance(Duration.ofDays(2));

        assertThat(node.files.verified).containsExactlyElementsOf(versions);
    }

    @Test
    void aClockThatIsSetBackPutsTheNextScrubOffByAnIntervalAtMost() {
        has(1);
        node.started();
        node.advance(Duration.ofDays(1));
        node.files.verified.clear();

        node = node.restarted(settings -> settings);
        node.begunMillis -= Duration.ofDays(3_000).toMillis();
        node.started();
        node.advance(Duration.ofDays(7));

        assertThat(node.files.verified).isNotEmpty();
    }

    @Test
    void aMemoThatCannotBeKeptOrUnderstoodStopsNoScrub() throws StorageException {
        has(1);
        node.files.keepMemo(Memo.SCRUB, "something of a later build");
        node.files.failures.put("keepMemo", new StorageException("expected by the test"));
        node.started();
        node.advance(Duration.ofDays(1));
        assertThat(node.files.verified).containsExactlyElementsOf(versions);
        assertThat(node.count("storage_failure")).isEqualTo(1);
    }

    @Test
    void whatIsKeptReadsBackAsItWas() {
        List<ScrubProgress> all = List.of(
                new ScrubProgress(17, true, null),
                new ScrubProgress(17, false, null),
                new ScrubProgress(17, false, FilePath.of("finished")),
                new ScrubProgress(-1, false, FilePath.of("a path/with blanks")));
        assertThat(all)
                .allSatisfy(one -> assertThat(ScrubProgress.parse(one.text())).isEqualTo(one));
        assertThat(List.of("", "17", "x finished", "17 done", "17 after ../x"))
                .allSatisfy(text -> assertThat(ScrubProgress.parse(text)).isNull());
    }
}
