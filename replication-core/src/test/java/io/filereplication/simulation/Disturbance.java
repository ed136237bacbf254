package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.NodeId;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What happens to the cluster while it is disturbed: the applications' work and the world's mischief, drawn from the seed. */
final class Disturbance {
    private static final List<FilePath> PATHS =
            Stream.of("a", "b", "c", "d/x", "d/y", "e/f/z").map(FilePath::of).toList();
    /** With a file that must make room for a directory of its name, and the other way round. */
    private static final List<FilePath> PATHS_IN_THE_WAY =
            Stream.of("a", "b", "d", "d/x", "d/y", "e/f/z").map(FilePath::of).toList();

    private static final long SECOND = 1_000_000_000L;
    /** So few, that it happens to one of them more than once. */
    private static final int IN_PLACE_NODES = 2;
    /** A deleted file stays about as long as both together. */
    private static final long LONGEST_CHANGE_OF_MIND = 5 * SECOND;

    /** So that there is something for a limit to hold up. */
    private static final int PUTS_TO_LIMIT = 9;
    /** More than there are workers. */
    private static final int LARGE_PUTS_TO_LIMIT = 3;
    /** Of 100 files, so that there are fetches to continue. */
    private static final int LARGE_FILES_TO_RESUME = 35;

    private final World world;
    private final Kernel kernel;
    private final Faults faults;
    private final int actions;
    private final boolean inTheWay;
    /** Whether nodes lose their records all the time, and read what they have to verify slowly. */
    private final boolean forgetful;
    /** Whether the storage of one node cannot append, which shows with files of several chunks only. */
    private final boolean appendless;

    Disturbance(World world, int actions) {
        this.world = world;
        this.kernel = world.kernel();
        this.faults = world.faults();
        this.actions = actions;
        int kind = faults.below(8);
        this.inTheWay = kind < 2;
        this.forgetful = kind > 3;
        if (faults.below(2) == 0) {
            any(world.nodes()).picky(true);
        }
        this.appendless = world.variant().cannotAppend() || faults.below(6) == 0;
        if (appendless) {
            SimulatedNode one = any(world.nodes());
            boolean all = world.variant().cannotAppend() || faults.below(2) == 0;
            world.nodes().forEach(node -> node.appendless(all || node == one));
        }
    }

    void run() {
        world.nodes().forEach(node -> node.slowToVerify(forgetful));
        world.nodes().forEach(this::startSoon);
        for (int i = 0; i < actions; i++) {
            long[] pauses = {SECOND / 50, SECOND / 2, SECOND / 2, 5 * SECOND};
            long most = pauses[faults.below(pauses.length)];
            for (long left = faults.between(1_000_000, most); left > 0; left -= SECOND / 2) {
                kernel.pause(Math.min(left, SECOND / 2));
                world.checks().everyNode();
            }
            act();
        }
    }

    private void act() {
        int what = faults.below(100);
        SimulatedNode node = any(world.nodes());
        if (what < 32) {
            put(node);
        } else if (what < 38) {
            registerInPlace(any(world.nodes().subList(0, IN_PLACE_NODES)));
        } else if (what < 43) {
            delete();
        } else if (faults.below(what >= 71 && what < 81 ? 2 : 8) == 0) {
            kernel.spawn(kernel.world(), "ambush", () -> {
                world.awaitRareMoment(node);
                if (faults.areOn()) {
                    harm(what, node);
                }
            });
        } else {
            harm(what, node);
        }
    }

    private void harm(int what, SimulatedNode node) {
        if (what < 52) {
            crash(node);
        } else if (what < 56) {
            closeAndStart(node);
        } else if (what < 61) {
            stopForAWhile(node);
        } else if (what < 67) {
            cut(node);
        } else if (what < 71) {
            fillDisk(node);
        } else if (what < 77) {
            rot(node);
        } else if (what < 81) {
            takeAway(node);
        } else if (what < 85) {
            node.jumpClock(faults.between(-7_200_000, 7_200_000));
        } else if (what < 90) {
            changeMembers();
        } else if (what < 94) {
            pausePulling(node);
        } else if (what < 97) {
            limitBandwidth(node);
        } else {
            rotateSecret(node);
        }
    }

    /**
     * Where nobody puts: a file that is written in place of one that is on its way here is taken for a foreign one. Where there is
     * one already, it is deleted, and registered again while it is to be removed, by a process that may die with that on its way.
     */
    private void registerInPlace(SimulatedNode node) {
        Life life = node.life();
        FilePath path = FilePath.of("in-place/" + node.id());
        if (life == null || !life.isOpen() || node.isBusy()) {
            return;
        }
        byte[] content = world.book().newContent(sizeFor(path));
        kernel.spawn(node.process(), "register in place", () -> {
            if (faults.below(2) == 0) {
                world.awaitRareMoment(node);
            }
            if (!world.log().head().entries().containsKey(path)) {
                life.registerInPlace(path, content);
            } else if (!node.injured().contains(path)) {
                delete(path);
                kernel.pause(faults.between(0, LONGEST_CHANGE_OF_MIND));
                boolean dies = faults.below(2) == 0;
                if (dies) {
                    later(2 * SECOND, () -> crash(node));
                }
                life.registerWhatLiesAt(path, dies ? world.slowestProposalNanos() : world.slowProposalNanos());
            }
        });
    }

    private void pausePulling(SimulatedNode node) {
        Life life = node.life();
        if (life == null || !life.isOpen()) {
            return;
        }
        faults.felt(FaultKind.PULLING_PAUSED, node);
        if (faults.below(3) == 0) {
            Duration patience = Duration.ofNanos(faults.between(0, 5 * SECOND));
            kernel.spawn(node.process(), "drain", () -> life.drain(patience));
        } else {
            life.pause();
        }
        later(20 * SECOND, life::resume);
    }

    private void limitBandwidth(SimulatedNode node) {
        Life life = node.life();
        if (life != null && life.isOpen()) {
            faults.felt(FaultKind.BANDWIDTH_LIMITED, node);
            long[] rates = {20, 50, 100, 1_000};
            life.limit(OptionalLong.of(rates[faults.below(rates.length)]));
            later(60 * SECOND, () -> life.limit(OptionalLong.empty()));
            putBurst();
        }
    }

    /** Files that do not supersede one another, all at once; sometimes with large ones before the others. */
    private void putBurst() {
        SimulatedNode node = any(world.nodes());
        Life life = node.life();
        int large = faults.below(3) == 0 ? LARGE_PUTS_TO_LIMIT : 0;
        for (int i = 0; i < PUTS_TO_LIMIT && life != null && life.isOpen(); i++) {
            FilePath path = FilePath.of("burst/" + i);
            byte[] content =
                    world.book().newContent((i < large ? PrefixDigests.CHUNK_BYTES : 0) + 1 + faults.below(3_000));
            kernel.spawn(node.process(), "put", () -> life.put(path, content));
        }
    }

    private void rotateSecret(SimulatedNode node) {
        if (world.variant().rotatesCarelessly()) {
            world.rotation().skipAhead(node.number());
        } else {
            boolean advanced = world.rotation().advance(node.number());
            for (SimulatedNode other : world.nodes()) {
                advanced = advanced || world.rotation().advance(other.number());
            }
        }
        faults.felt(FaultKind.SECRET_ROTATED, node);
    }

    private <T> T any(List<T> list) {
        return list.get(faults.below(list.size()));
    }

    private void later(long atMost, Runnable action) {
        kernel.at(faults.between(1_000_000, atMost), () -> kernel.spawn(kernel.world(), "later", action));
    }

    private void put(SimulatedNode node) {
        Life life = node.life();
        int times = faults.below(3) == 0 ? 5 : 1;
        for (int i = 0; i < times; i++) {
            FilePath path = any(inTheWay ? PATHS_IN_THE_WAY : PATHS);
            byte[] content = world.book().newContent(sizeFor(path));
            if (life != null && life.isOpen()) {
                kernel.spawn(node.process(), "put", () -> life.put(path, content));
            }
        }
    }

    /** Sometimes the one that the file has already: a size says nothing about a content. */
    private int sizeFor(FilePath path) {
        FileEntry known = world.log().head().entries().get(path);
        return known != null && faults.below(5) == 0 ? (int) known.sizeBytes() : size();
    }

    private int size() {
        int large = Math.max(world.variant().largeFilesPercent(), appendless ? LARGE_FILES_TO_RESUME : 0);
        int kind = faults.below(100);
        if (kind < 8) {
            return 0;
        }
        if (kind < 95 - large) {
            return 1 + faults.below(3_000);
        }
        return (kind < 100 - large ? 1 : 2) * PrefixDigests.CHUNK_BYTES + faults.below(5_000);
    }

    private void delete() {
        List<FilePath> registered = List.copyOf(world.log().head().entries().keySet());
        if (!registered.isEmpty()) {
            delete(any(registered));
        }
    }

    private void delete(FilePath path) {
        if (world.log().delete(path)) {
            kernel.note("deleted", path.hashCode());
            kernel.signal(world.log().grew);
        }
    }

    private void startSoon(SimulatedNode node) {
        later(3 * SECOND, () -> {
            if (!node.isUp()) {
                node.start();
            }
        });
    }

    private void crash(SimulatedNode node) {
        if (!node.isUp()) {
            return;
        }
        boolean power = faults.below(2) == 0;
        if (faults.below(3) == 0) {
            if (power) {
                node.lostPower();
            }
            node.die();
        } else {
            node.crashSoon(faults.below(40), power);
            kernel.pause(SECOND / 2);
            node.die();
        }
        maybeLoseRecords(node);
        later(faults.below(3) == 0 ? 20 * SECOND : 3 * SECOND, () -> {
            if (!node.isUp()) {
                node.start();
            }
        });
    }

    /** A file without a record is never touched, so it may stand in the way of another for ever: not where paths do that. */
    private void maybeLoseRecords(SimulatedNode node) {
        if (!inTheWay && faults.below(forgetful ? 1 : 6) == 0) {
            node.recordsWillBeLost();
        }
    }

    private void closeAndStart(SimulatedNode node) {
        Life life = node.life();
        if (life != null && life.isOpen() && !node.isBusy()) {
            faults.felt(FaultKind.RESTART, node);
            node.close(life);
            maybeLoseRecords(node);
            startSoon(node);
        }
    }

    private void stopForAWhile(SimulatedNode node) {
        SimulatedProcess process = node.process();
        if (node.isUp() && !process.isStopped()) {
            process.stop(true);
            faults.felt(FaultKind.STOPPED_FOR_A_WHILE, node);
            later(20 * SECOND, () -> {
                process.stop(false);
                node.losesTimeUntil(kernel.now());
            });
        }
    }

    private void cut(SimulatedNode one) {
        List<SimulatedNode> others = faults.below(2) == 0 ? world.nodes() : List.of(any(world.nodes()));
        for (SimulatedNode other : others) {
            if (other != one) {
                world.network().cut(one.id(), other.id(), true);
                later(15 * SECOND, () -> world.network().cut(one.id(), other.id(), false));
            }
        }
    }

    private void fillDisk(SimulatedNode node) {
        node.full(true);
        later(15 * SECOND, () -> node.full(false));
    }

    private void rot(SimulatedNode one) {
        spoil(one, (node, entry) -> node.rot(entry.path(), faults.below((int) entry.sizeBytes())));
    }

    private void takeAway(SimulatedNode one) {
        spoil(one, (node, entry) -> {
            try {
                node.takeAway(entry.path());
            } catch (StorageException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private interface Spoil {
        void spoil(SimulatedNode node, FileEntry entry);
    }

    private void spoil(SimulatedNode node, Spoil how) {
        List<FileEntry> candidates = spoilable(node);
        if (!candidates.isEmpty() && node.isUp() && !node.isBusy()) {
            how.spoil(node, any(candidates));
        }
    }

    /** Registered files of {@code node} of which another node has a good copy as well. */
    private List<FileEntry> spoilable(SimulatedNode node) {
        List<FileEntry> candidates = new ArrayList<>();
        for (FileEntry entry : world.log().head().entries().values()) {
            byte[] bytes = node.storage().published().get(entry.path());
            boolean whole = bytes != null
                    && bytes.length > 0
                    && world.book().versionsOf(entry.path(), bytes).contains(entry.contentLsn());
            if (whole && world.checks().goodCopies(entry) > 1) {
                candidates.add(entry);
            }
        }
        return candidates;
    }

    private void changeMembers() {
        Set<NodeId> members = new TreeSet<>(world.log().head().members());
        NodeId one = any(world.ids());
        if (members.contains(one) && members.size() > 2) {
            members.remove(one);
        } else {
            members.addAll(world.ids());
        }
        world.log().setMembers(members);
        kernel.signal(world.log().grew);
    }
}
