package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.pull.PullProbe;
import io.filereplication.pull.Puller;
import io.filereplication.pull.PullerConfig;
import io.filereplication.pull.PullerStats;
import io.filereplication.storage.StorageBackend.Area;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What must be true at every step and at the end, judged by the disks, the manifests and the book alone. A violation is
 * written down once for each kind and place; the simulation goes on.
 */
final class Checks {
    /** Begins the complaint about own files that nobody needs any more. */
    static final String LEFT_OVER = "left over";

    private static final int MOST_VIOLATIONS = 20;
    /** Longer than any disk or machine takes to let a worker go on. */
    private static final long LONGEST_NEGLECT_NANOS = 10_000_000_000L;

    private final World world;
    private final List<String> violations = new ArrayList<>();
    private final Set<String> told = new HashSet<>();
    private final Map<SimulatedNode, Seen> seen = new HashMap<>();
    private boolean anythingRotted;

    /** What was seen of one node. */
    private static final class Seen {
        /** The published bytes as they were when the name last changed. */
        final Map<FilePath, byte[]> names = new TreeMap<>();
        /** When this life's manifest ceased to hold a version. */
        final Map<FileVersion, Long> left = new HashMap<>();
        /** Since when this life's manifest holds a path, in whatever version, as long as it is wanted here. */
        final Map<FilePath, Long> registered = new HashMap<>();

        SortedMap<FilePath, FileEntry> manifest = new TreeMap<>();
        boolean walkedOnce;
        final Neglect small = new Neglect();
        final Neglect bulk = new Neglect();
    }

    /** What waits for a worker, as long as it is the same. */
    private static final class Neglect {
        @Nullable
        FileVersion version;

        long since;
    }

    Checks(World world) {
        this.world = world;
        world.nodes().forEach(node -> seen.put(node, new Seen()));
    }

    List<String> violations() {
        return violations;
    }

    void violated(SimulatedNode node, String what) {
        String line = String.format("%s at %.6f s: %s", node, world.kernel().now() / 1e9, what);
        world.kernel().trace().comment("VIOLATION " + line);
        if (violations.size() < MOST_VIOLATIONS && told.add(node + what)) {
            violations.add(line);
        }
    }

    private Seen seen(SimulatedNode node) {
        Seen known = seen.get(node);
        if (known == null) {
            throw new IllegalStateException("Not a node of this world: " + node);
        }
        return known;
    }

    // Names.

    /** What a reader finds after a crash: whole registered versions, or nothing. */
    void afterRestart(SimulatedNode node) {
        Seen of = seen(node);
        of.left.clear();
        of.registered.clear();
        of.manifest = new TreeMap<>();
        of.walkedOnce = false;
        of.small.version = null;
        of.bulk.version = null;
        Map<FilePath, byte[]> found = node.storage().published();
        of.names.clear();
        of.names.putAll(found);
        found.forEach((path, bytes) -> {
            if (!node.injured().contains(path)
                    && world.book().versionsOf(path, bytes).isEmpty()) {
                violated(node, path + " has bytes of no registered version after a restart");
            }
        });
    }

    /** The disturbance itself has changed or taken away a file. */
    void spoiled(SimulatedNode node, FilePath path) {
        look(node, path);
    }

    /** The disturbance itself has changed bytes that peers may get to see. */
    void rotted(SimulatedNode node, FilePath path) {
        anythingRotted = true;
        look(node, path);
    }

    private byte @Nullable [] look(SimulatedNode node, FilePath path) {
        byte[] bytes = node.storage().published().get(path);
        if (bytes == null) {
            seen(node).names.remove(path);
        } else {
            seen(node).names.put(path, bytes);
        }
        return bytes;
    }

    void nameChanged(SimulatedNode node, FilePath path) {
        byte[] before = seen(node).names.get(path);
        byte[] after = look(node, path);
        if (Arrays.equals(before, after)) {
            return;
        }
        boolean spoiled = node.injured().remove(path);
        node.unrecorded().remove(path);
        Life life = node.life();
        VirtualKeyedLock.Holding holding = life == null ? null : life.locks().holding(path);
        if (life == null
                || holding == null
                || holding.holder() != world.kernel().current()) {
            violated(node, path + " was changed by somebody who does not hold it");
            return;
        }
        List<Lsn> was = before == null || spoiled ? List.of() : world.book().versionsOf(path, before);
        if (after == null) {
            removed(node, life, path, was, holding.since());
        } else {
            published(node, path, world.book().versionsOf(path, after), was, holding.since());
        }
    }

    private void published(SimulatedNode node, FilePath path, List<Lsn> now, List<Lsn> was, long since) {
        if (now.isEmpty()) {
            violated(node, path + " was given bytes of no registered version");
            return;
        }
        Seen of = seen(node);
        boolean wanted = now.stream().anyMatch(version -> {
            FileEntry entry = of.manifest.get(path);
            boolean held = entry != null && entry.contentLsn().equals(version);
            return held || of.left.getOrDefault(new FileVersion(path, version), -1L) >= since;
        });
        if (!wanted) {
            violated(node, path + " was published as " + now + ", which the manifest did not hold: it came back");
        }
        Lsn newest = now.get(now.size() - 1);
        if (!was.isEmpty() && was.get(0).isAfter(newest)) {
            violated(node, path + " went back from " + was + " to " + now);
        }
    }

    /** Several versions may have had the same bytes; then it is enough that one of them could go. */
    private void removed(SimulatedNode node, Life life, FilePath path, List<Lsn> was, long since) {
        FileEntry next = seen(node).manifest.get(path);
        if (next != null && seen(node).registered.getOrDefault(path, Long.MAX_VALUE) < since) {
            violated(node, path + " was emptied although it is registered all the time");
        }
        boolean outdated = was.stream()
                .anyMatch(version -> next != null && next.contentLsn().isAfter(version));
        boolean leftBehind = outdated && next != null && !node.wants(next);
        if (was.isEmpty() || (outdated && !leftBehind)) {
            return; // it was registered anew while it was being removed
        }
        if (life.apply().firstBarrier() < 0) {
            violated(node, path + "@" + was + " was removed before the first barrier");
        }
        FileEntry committed = world.log().head().entries().get(path);
        if (committed != null && was.equals(List.of(committed.contentLsn()))) {
            violated(node, committed.version() + " was removed although it is registered");
        }
    }

    // The manifest.

    void manifestMoved(SimulatedNode node) {
        Life life = node.life();
        if (life == null) {
            return;
        }
        Seen of = seen(node);
        SortedMap<FilePath, FileEntry> next = life.manifest().entries();
        of.manifest.forEach((path, entry) -> {
            FileEntry now = next.get(path);
            if (now == null || !now.version().equals(entry.version())) {
                of.left.put(entry.version(), world.kernel().steps());
            }
        });
        of.registered.keySet().removeIf(path -> !isWanted(node, next.get(path)));
        next.forEach((path, entry) -> {
            if (isWanted(node, entry)) {
                of.registered.putIfAbsent(path, world.kernel().steps());
            }
        });
        of.manifest = next;
    }

    private static boolean isWanted(SimulatedNode node, @Nullable FileEntry entry) {
        return entry != null && node.wants(entry);
    }

    // Readiness and bounds.

    void readinessMoved(Life life) {
        readiness(life);
    }

    void installed(SimulatedNode node) {
        Life life = node.life();
        if (life != null) {
            readiness(life);
        }
    }

    /** All that can be asked at any moment. */
    void everyNode() {
        for (SimulatedNode node : world.nodes()) {
            Life life = node.life();
            if (life != null) {
                readiness(life);
                bounds(life);
                neglect(life, true, seen(node).small);
                neglect(life, false, seen(node).bulk);
            }
        }
        mismatches();
    }

    private void readiness(Life life) {
        Puller puller = life.puller();
        if (puller == null || life.node().process().hasEnded()) {
            return;
        }
        SimulatedNode node = life.node();
        boolean completed = puller.catchUpCompleted();
        if (seen(node).walkedOnce && !completed) {
            violated(node, "a walk had finished, and now none has");
        }
        seen(node).walkedOnce = completed;
        if (puller.fullyCaughtUp()) {
            if (life.apply().firstBarrier() < 0) {
                violated(node, "it says that it is caught up without a barrier");
            }
            long upTo = Math.max(life.apply().firstBarrier(), life.apply().lastInstall());
            missingUpTo(life, upTo, "it says that it is caught up");
        }
        missingUpTo(life, puller.caughtUpIndex(), "caughtUpIndex is " + puller.caughtUpIndex());
    }

    private void missingUpTo(Life life, long index, String claim) {
        SimulatedNode node = life.node();
        for (FileEntry entry : life.manifest().entries().values()) {
            boolean claimed =
                    entry.contentLsn().index() <= index && !node.injured().contains(entry.path());
            if (claimed && node.wants(entry) && !isHere(node, entry)) {
                violated(node, claim + " but lacks " + entry);
            }
        }
    }

    private boolean isHere(SimulatedNode node, FileEntry entry) {
        byte[] here = seen(node).names.get(entry.path());
        byte[] wanted = world.book().contentOf(entry.path(), entry.contentLsn());
        return here != null && Arrays.equals(here, wanted);
    }

    private void bounds(Life life) {
        Puller puller = life.puller();
        PullProbe probe = life.probe();
        if (puller == null || probe == null) {
            return;
        }
        PullerConfig config = life.config();
        // What waits for its next attempt may come back to the queue at once, and each worker may have a queue's worth.
        int most = (config.queueSize() + config.waitingSize()) * (2 + config.workers());
        if (probe.size() > most) {
            violated(life.node(), probe.size() + " pulls are known, the bound is " + most);
        }
    }

    /** Small files and bulk have a worker each: neither waits until there is an end to the other. */
    private void neglect(Life life, boolean small, Neglect known) {
        SimulatedNode node = life.node();
        PullProbe probe = life.probe();
        boolean moves =
                node.losesTimeUntil() < world.kernel().now() && !node.process().isStopped();
        FileVersion waits = probe == null || !moves ? null : probe.neglected(small);
        if (waits == null || !waits.equals(known.version)) {
            known.version = waits;
            known.since = world.kernel().now();
        } else if (world.kernel().now() - known.since > LONGEST_NEGLECT_NANOS) {
            violated(
                    node,
                    waits + (small ? ", a small file," : ", a large file,") + " waits although no worker has one");
        }
    }

    // The end.

    /** Who needs a good copy of {@code entry} and has one, on a disk that nobody spoiled. */
    long goodCopies(FileEntry entry) {
        return world.nodes().stream()
                .filter(node -> !node.injured().contains(entry.path()) && isHere(node, entry))
                .count();
    }

    /** Why the cluster has not come to rest yet; null when it has. */
    @Nullable
    String unrest() {
        for (SimulatedNode node : world.nodes()) {
            String why = unrest(node);
            if (why != null) {
                return node + ": " + why;
            }
        }
        return null;
    }

    private @Nullable String unrest(SimulatedNode node) {
        Life life = node.life();
        Puller puller = life == null ? null : life.puller();
        if (life == null || puller == null) {
            return "it is not up";
        }
        if (life.manifest().appliedIndex() < world.log().lastIndex()) {
            return "it has applied only " + life.manifest().appliedIndex();
        }
        SortedMap<FilePath, FileEntry> wanted = world.log().head().entries();
        Map<FilePath, byte[]> found = node.storage().published();
        unwanted(node, found);
        for (FileEntry entry : wanted.values()) {
            byte[] bytes = found.get(entry.path());
            if (!node.wants(entry)) {
                if (bytes != null && isLeftBehind(node, life, entry, bytes)) {
                    return "it still shows an older version of " + entry + ", which it does not want";
                }
                continue;
            }
            if (bytes == null) {
                return "it lacks " + entry;
            }
            if (!Arrays.equals(bytes, world.book().contentOf(entry.path(), entry.contentLsn()))) {
                return "it has other bytes than " + entry + ": " + world.book().versionsOf(entry.path(), bytes);
            }
        }
        for (FilePath path : found.keySet()) {
            if (!wanted.containsKey(path) && !isNobodys(node, life, path)) {
                return "it has " + path + " too much";
            }
        }
        for (Area area : List.of(Area.STAGED, Area.PUTS)) {
            List<String> left = node.storage().ownNames(area);
            if (!left.isEmpty()) {
                return LEFT_OVER + " in " + area + ": " + left;
            }
        }
        PullerStats stats = puller.stats();
        if (!puller.fullyCaughtUp()
                || stats.missing() > 0
                || puller.caughtUpIndex() < world.log().lastIndex()) {
            return "all is here but it does not know: " + stats;
        }
        return null;
    }

    private static boolean isNobodys(SimulatedNode node, Life life, FilePath path) {
        return node.unrecorded().contains(path) && life.files().record(path) == null;
    }

    /** A file whose content is no longer registered, and which nobody will replace. */
    private boolean isLeftBehind(SimulatedNode node, Life life, FileEntry entry, byte[] bytes) {
        return !isNobodys(node, life, entry.path())
                && !Arrays.equals(bytes, world.book().contentOf(entry.path(), entry.contentLsn()));
    }

    /** What is not wanted here may only be what this node wrote itself, of whatever version. */
    private void unwanted(SimulatedNode node, Map<FilePath, byte[]> found) {
        found.forEach((path, bytes) -> {
            List<Lsn> versions = node.wants(path) ? List.of() : world.book().versionsOf(path, bytes);
            boolean own = versions.stream()
                    .anyMatch(version -> world.originOf(version).equals(node.id()));
            if (!versions.isEmpty() && !own) {
                violated(node, path + "@" + versions + " is here although it is not wanted");
            }
        });
    }

    /** Bytes that do not match are a signal: they must not be seen where nothing was ever corrupted. */
    void mismatches() {
        FaultTable felt = world.faults().table();
        boolean corrupted = List.of(
                        FaultKind.MESSAGE_CORRUPTED,
                        FaultKind.MESSAGE_TRUNCATED,
                        FaultKind.MESSAGES_REORDERED,
                        FaultKind.MESSAGE_REPEATED,
                        FaultKind.MESSAGE_LOST)
                .stream()
                .anyMatch(kind -> felt.total(kind) > 0);
        for (SimulatedNode node : world.nodes()) {
            Life life = node.life();
            Puller puller = life == null ? null : life.puller();
            if (!corrupted
                    && !anythingRotted
                    && puller != null
                    && puller.stats().checksumMismatch() > 0) {
                violated(node, "healthy bytes were taken for corrupt ones");
            }
        }
    }

    /** After a life was closed in good order. */
    void afterClose(Life life) {
        try {
            life.node().storage().assertNothingOpen();
        } catch (AssertionError e) {
            violated(life.node(), String.valueOf(e.getMessage()));
        }
        if (life.locks().size() > 0) {
            violated(life.node(), life.locks().size() + " paths are still held after close");
        }
    }
}
