package io.filereplication.pull;

import static io.filereplication.pull.OneNode.A;
import static io.filereplication.pull.OneNode.PATH;
import static io.filereplication.pull.OneNode.content;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every way in which two events of one path can fall between the steps of a pull of that path: each step of the storage and
 * of the fetch is a place, each pair of events is tried at each pair of places. After every single step the file that is
 * visible must be of a version that was registered, and newer than every version that was visible before; in the end the disk
 * must be the manifest.
 */
class PullRaceEnumerationTest {
    private static final byte[] FIRST = content("first");
    private static final byte[] SECOND = content("second");
    private static final FilePath OTHER = FilePath.of("other");

    private enum Event {
        NOTHING,
        UPDATE,
        SAME_CONTENT_AGAIN,
        DELETE,
        DELETE_AND_REGISTER,
        DELETE_AND_REGISTER_THE_SAME,
        SNAPSHOT_WITH_ANOTHER_VERSION,
        SNAPSHOT_WITHOUT_IT,
        GRACE_PASSES
    }

    private enum Start {
        ABSENT,
        OLDER_VERSION_HERE,
        UNVERIFIED_FILE_HERE,
        STAGED_BY_A_PUT
    }

    @Test
    void noPairOfEventsAtAnyTwoStepsLosesOrRevivesAnything() {
        int interleavings = 0;
        for (Start start : Start.values()) {
            int steps = new Run(start, -1, Event.NOTHING, -1, Event.NOTHING).play();
            for (Event first : Event.values()) {
                for (Event second : Event.values()) {
                    for (int i = 0; i <= steps; i++) {
                        for (int j = i; j <= steps + 2; j++) {
                            new Run(start, i, first, j, second).play();
                            interleavings++;
                        }
                    }
                }
            }
        }
        assertThat(interleavings).isGreaterThan(5_000);
    }

    private static final class Run {
        private final String name;
        private final OneNode node = new OneNode();
        private final List<Integer> at = new ArrayList<>();
        private final List<Event> events;
        private int step;
        private boolean racing;
        private Lsn lastVisible = new Lsn(0, 0);

        Run(Start start, int i, Event first, int j, Event second) {
            name = start + ": " + first + " at step " + i + ", " + second + " at step " + j;
            at.add(i);
            at.add(j);
            events = List.of(first, second);
            node.fetcher.has(A, FIRST);
            node.fetcher.has(A, SECOND);
            node.manifest.register(OTHER, FIRST, A);
            prepare(start);
            node.files.hook = seen -> here();
            node.fetcher.hook = this::here;
        }

        private void prepare(Start start) {
            switch (start) {
                case ABSENT -> node.started();
                case OLDER_VERSION_HERE -> {
                    node.files.has(node.manifest.register(PATH, SECOND, A), SECOND);
                    node.started();
                }
                case UNVERIFIED_FILE_HERE -> {
                    node.started();
                    node.files.write(PATH, SECOND);
                }
                case STAGED_BY_A_PUT -> {
                    node.started();
                    node.files.stagePut(PATH, FIRST);
                }
            }
        }

        /** Plays it and returns how many steps there were while it raced. */
        int play() {
            try {
                racing = true;
                node.manifest.register(PATH, FIRST, A);
                node.run();
                racing = false;
                check();
                node.puller.runCatchUp();
                node.advance(Duration.ofMinutes(2));
                node.puller.runCatchUp();
                node.advance(Duration.ofMinutes(2));
                settled();
                node.close();
                return step;
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(name, e);
            }
        }

        private void here() {
            check();
            int now = step++;
            for (int which = 0; which < 2; which++) {
                if (racing && at.get(which) == now) {
                    at.set(which, -1);
                    happen(events.get(which));
                }
            }
        }

        private void happen(Event event) {
            FakeManifest manifest = node.manifest;
            switch (event) {
                case NOTHING -> {}
                case UPDATE -> manifest.register(PATH, SECOND, A);
                case SAME_CONTENT_AGAIN -> manifest.register(PATH, FIRST, A);
                case DELETE -> manifest.delete(PATH);
                case DELETE_AND_REGISTER -> {
                    manifest.delete(PATH);
                    manifest.register(PATH, SECOND, A);
                }
                case DELETE_AND_REGISTER_THE_SAME -> {
                    manifest.delete(PATH);
                    manifest.register(PATH, FIRST, A);
                }
                case SNAPSHOT_WITH_ANOTHER_VERSION -> snapshot(true);
                case SNAPSHOT_WITHOUT_IT -> snapshot(false);
                case GRACE_PASSES -> passGrace();
            }
        }

        /** Time passes while the step is under way; whatever becomes due runs on the same stack. */
        private void passGrace() {
            node.advance(Duration.ofSeconds(6));
        }

        private void snapshot(boolean withPath) {
            FakeManifest manifest = node.manifest;
            long index = manifest.appliedIndex() + 10;
            List<FileEntry> all = new ArrayList<>();
            manifest.all().stream().filter(entry -> entry.path().equals(OTHER)).forEach(all::add);
            if (withPath) {
                all.add(FakeManifest.entry(PATH, SECOND, A, new Lsn(index - 3, 0)));
            }
            manifest.install(index, all);
        }

        /** What a reader sees now was registered once, and nothing older than what was seen before. */
        private void check() {
            byte[] visible = node.files.read(PATH);
            if (visible != null && node.files.records.containsKey(PATH)) {
                assertThat(node.manifest.everHeld(PATH, FakeManifest.digest(visible)))
                        .isTrue();
                Lsn version = node.files.records.get(PATH).version().contentLsn();
                assertThat(lastVisible.isAfter(version))
                        .as("went back to %s", version)
                        .isFalse();
                lastVisible = version;
            }
        }

        private void settled() {
            check();
            FileEntry registered = node.manifest.get(PATH);
            if (registered != null) {
                node.assertHere(registered);
            } else if (node.files.records.containsKey(PATH)) {
                throw new AssertionError(PATH + " came back, or never went");
            }
            node.manifest.all().forEach(node::assertHere);
            assertThat(node.files.stagedVersions()).as("staged leftovers").isEmpty();
            assertThat(node.count("missing")).isZero();
            assertThat(node.puller.fullyCaughtUp()).isTrue();
        }
    }
}
