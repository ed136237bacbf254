package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ManifestDifferenceTest {
    private static final Sha256 DIGEST = Sha256.of(Sha256.newDigest().digest());

    private static FileEntry entry(String path, long version) {
        return new FileEntry(
                FilePath.of(path),
                DIGEST,
                0,
                NodeId.of("n1"),
                Instant.EPOCH,
                Attributes.NONE,
                new Lsn(version, 0),
                new Lsn(version, 0));
    }

    @Test
    void leavesOutWhatIsTheSameInBoth() {
        FileEntry same = entry("same", 1);
        FileEntry otherAttributes = new FileEntry(
                same.path(),
                same.sha256(),
                same.sizeBytes(),
                same.originNodeId(),
                same.createdAt(),
                Attributes.of(Map.of("tier", "cold")),
                same.contentLsn(),
                new Lsn(9, 0));

        assertThat(ManifestDifference.between(List.of(same), List.of(otherAttributes)))
                .isEmpty();
    }

    @Test
    void showsWhatBecameOfEachFileInPathOrder() {
        List<FileEntry> before = List.of(entry("a", 1), entry("c", 1), entry("d", 1), entry("f", 1));
        List<FileEntry> after = List.of(entry("b", 2), entry("c", 2), entry("d", 1), entry("g", 2), entry("h", 2));

        assertThat(ManifestDifference.between(before, after))
                .containsExactly(
                        new ManifestDifference.Disappeared(entry("a", 1)),
                        new ManifestDifference.Appeared(entry("b", 2)),
                        new ManifestDifference.Changed(entry("c", 1), entry("c", 2)),
                        new ManifestDifference.Disappeared(entry("f", 1)),
                        new ManifestDifference.Appeared(entry("g", 2)),
                        new ManifestDifference.Appeared(entry("h", 2)));
    }

    @Test
    void endsAndSaysSo() {
        Iterator<ManifestDifference.Change> changes =
                ManifestDifference.between(List.of(), List.of(entry("a", 1))).iterator();
        changes.next();

        assertThat(changes.hasNext()).isFalse();
        assertThatThrownBy(changes::next).isInstanceOf(NoSuchElementException.class);
    }

    /** It may be held by a listener on the thread that applies the log, which must not be held up. */
    @Test
    void looksAtNothingBeforeSomebodyIterates() {
        Iterable<FileEntry> untouchable = () -> {
            throw new AssertionError("Looked at too early");
        };

        ManifestDifference difference = ManifestDifference.between(untouchable, untouchable);

        assertThatThrownBy(difference::iterator).isInstanceOf(AssertionError.class);
    }

    /** Against the definition: done to the old manifest, the changes make the new one. */
    @Test
    void turnsTheOldManifestIntoTheNewOneForEverySeed() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            SortedMap<FilePath, FileEntry> before = manifest(random);
            SortedMap<FilePath, FileEntry> after = manifest(random);
            SortedMap<FilePath, FileEntry> made = new TreeMap<>(before);
            List<FilePath> paths = new ArrayList<>();
            for (ManifestDifference.Change change : ManifestDifference.between(before.values(), after.values())) {
                paths.add(change.path());
                if (change instanceof ManifestDifference.Appeared appeared) {
                    assertThat(made.put(change.path(), appeared.entry())).isNull();
                } else if (change instanceof ManifestDifference.Changed changed) {
                    assertThat(made.put(change.path(), changed.after())).isEqualTo(changed.before());
                } else if (change instanceof ManifestDifference.Disappeared disappeared) {
                    assertThat(made.remove(change.path())).isEqualTo(disappeared.entry());
                }
            }
            assertThat(made).as("seed " + seed).isEqualTo(after);
            assertThat(paths).as("seed " + seed).isSorted().doesNotHaveDuplicates();
        }
    }

    private static SortedMap<FilePath, FileEntry> manifest(Random random) {
        SortedMap<FilePath, FileEntry> entries = new TreeMap<>();
        int count = random.nextInt(12);
        for (int i = 0; i < count; i++) {
            FileEntry entry = entry("f" + random.nextInt(10), random.nextInt(2));
            entries.put(entry.path(), entry);
        }
        return entries;
    }
}
