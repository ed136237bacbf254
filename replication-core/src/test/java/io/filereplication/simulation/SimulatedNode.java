package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import io.filereplication.pull.PullProbe;
import io.filereplication.storage.MemoryStorage;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import io.filereplication.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A machine of the cluster: its disk, its Raft log and snapshot, and at most one life of the process on it. */
final class SimulatedNode {
    private final World world;
    private final int number;
    private final NodeId id;
    private MemoryStorage storage = new MemoryStorage();
    private SimulatedProcess process;
    private @Nullable Life life;
    private boolean powerLost;
    private boolean full;
    private boolean recordsLost;
    private final Set<FilePath> recordsGone = new TreeSet<>();
    private boolean slowToVerify;
    private boolean picky;
    private boolean appendless;
    private long storageFaults;
    private long losesUntil;
    private boolean closing;
    private boolean diskClosed;
    private int callsUntilCrash = -1;
    private long wallClockOffsetMillis;
    private boolean clockJumped;
    /** What the Raft directory keeps: the last snapshot, and how far the log was known to be committed. */
    private long snapshotIndex;

    private long knownIndex;
    /** Paths whose bytes the disturbance has spoiled or taken away here, until something new is published. */
    private final Set<FilePath> injured = new TreeSet<>();

    private final Set<FilePath> unrecorded = new TreeSet<>();
    /** What this process has hashed and found to be something else, until something else is there. */
    private final Map<FilePath, FileVersion> foundBad = new TreeMap<>();

    private final Set<Sha256> inPlace = new HashSet<>();

    SimulatedNode(World world, int number) {
        this.world = world;
        this.number = number;
        this.id = NodeId.of("n" + number);
        this.process = world.kernel().process(id + " before its first start");
        this.process.end();
    }

    NodeId id() {
        return id;
    }

    int number() {
        return number;
    }

    World world() {
        return world;
    }

    SimulatedProcess process() {
        return process;
    }

    MemoryStorage storage() {
        return storage;
    }

    /** The running process, or null. */
    @Nullable
    Life life() {
        Life running = life;
        return process.hasEnded() ? null : running;
    }

    boolean isUp() {
        return !process.hasEnded();
    }

    // Beginning and ending.

    /** Starts the process, once the one before is gone. */
    void start() {
        Kernel kernel = world.kernel();
        while (!process.isGone()) {
            kernel.pause(1_000_000);
        }
        storage = powerLost
                ? storage.crash(new SplittableRandom(world.faults().between(0, Long.MAX_VALUE - 1)))
                : storage.kill();
        powerLost = false;
        callsUntilCrash = -1;
        diskClosed = false;
        foundBad.clear();
        if (recordsLost) {
            recordsLost = false;
            loseRecords();
        }
        world.checks().afterRestart(this);
        process = kernel.process(id.toString());
        kernel.note("start", number);
        Life born = new Life(this);
        life = born;
        born.begin();
    }

    /** From some call to the disk on, {@code calls} from now, the process is dead; with the power or without. */
    void crashSoon(int calls, boolean power) {
        callsUntilCrash = calls;
        powerLost = power;
    }

    void willNotCrash() {
        callsUntilCrash = -1;
    }

    /** Whether it dies in the present call to the disk. */
    boolean crashesNow() {
        return callsUntilCrash >= 0 && callsUntilCrash-- == 0;
    }

    /** The process dies now. */
    void die() {
        if (!process.hasEnded()) {
            world.faults().felt(powerLost ? FaultKind.POWER_LOSS : FaultKind.CRASH, this);
            end();
        }
    }

    void end() {
        Life dying = life;
        if (dying != null) {
            knownIndex = Math.max(knownIndex, dying.manifest().appliedIndex());
        }
        callsUntilCrash = -1;
        world.kernel().end(process);
        world.kernel().note("end", number);
    }

    /** Closes {@code running} in good order, as an application does. Blocks. */
    void close(Life running) {
        Kernel kernel = world.kernel();
        closing = true;
        SimulatedProcess mine = process;
        boolean[] done = {false};
        Signal closed = new Signal();
        kernel.spawn(mine, "close", () -> {
            running.close();
            done[0] = true;
            kernel.signal(closed);
        });
        while (!done[0] && !mine.hasEnded()) {
            kernel.await(closed, 1_000_000_000L);
        }
        closing = false;
        if (!mine.hasEnded()) {
            diskClosed = done[0];
            end();
        }
    }

    /** Whether it is being closed, or was and has let go of its disk. */
    boolean isBusy() {
        return closing || diskClosed;
    }

    void lostPower() {
        powerLost = true;
    }

    long snapshotIndex() {
        return snapshotIndex;
    }

    void snapshotTaken(long index) {
        snapshotIndex = Math.max(snapshotIndex, index);
    }

    long knownIndex() {
        return knownIndex;
    }

    // The disk.

    boolean isFull() {
        return full;
    }

    void full(boolean is) {
        full = is;
    }

    void nameChanged(FilePath path) {
        foundBad.remove(path);
        world.checks().nameChanged(this, path);
    }

    /** What lies at the path was hashed, and is of {@code version} or is not. */
    void hashed(FileVersion version, boolean good) {
        if (good) {
            foundBad.remove(version.path());
        } else {
            foundBad.put(version.path(), version);
        }
    }

    /** Whether what lies at the path was hashed and is known not to be of {@code version}. */
    boolean hasFoundBad(FileVersion version) {
        return version.equals(foundBad.get(version.path()));
    }

    Set<FilePath> injured() {
        return injured;
    }

    /** Flips a bit of a published file, without its stamp showing it. */
    void rot(FilePath path, int offset) {
        injured.add(path);
        storage.rot(path, offset);
        world.checks().rotted(this, path);
        world.faults().felt(FaultKind.ROT, this);
    }

    /** Somebody deletes a published file behind the replication's back. */
    void takeAway(FilePath path) throws StorageException {
        injured.add(path);
        storage.delete(path);
        world.checks().spoiled(this, path);
        world.faults().felt(FaultKind.FILE_TAKEN_AWAY, this);
    }

    /** The file of {@code path} is hashed: is that because its record was lost? */
    void verifies(FilePath path) {
        if (recordsGone.remove(path)) {
            world.faults().felt(FaultKind.RECORDS_LOST, this);
        }
    }

    /** Until then the disk, or the machine, does nothing for somebody. */
    void losesTimeUntil(long until) {
        losesUntil = Math.max(losesUntil, until);
    }

    long losesTimeUntil() {
        return losesUntil;
    }

    boolean isSlowToVerify() {
        return slowToVerify;
    }

    void slowToVerify(boolean is) {
        slowToVerify = is;
    }

    /** The next life finds no records. */
    void recordsWillBeLost() {
        recordsLost = true;
    }

    /** Files of which no record was left: nobody may touch them. */
    Set<FilePath> unrecorded() {
        return unrecorded;
    }

    private void loseRecords() {
        MemoryStorage bare = storage.reopen();
        storage = bare;
        recordsGone.clear();
        recordsGone.addAll(bare.published().keySet());
        unrecorded.addAll(bare.published().keySet());
        for (String name : bare.ownNames(Area.RECORDS)) {
            bare.deleteOwn(new OwnName(Area.RECORDS, name));
        }
        bare.syncNames(Area.RECORDS);
    }

    /** Files of other nodes below {@code d} are not wanted here. */
    void picky(boolean is) {
        picky = is;
    }

    /** Whether this node is to have the file. */
    boolean wants(FileEntry entry) {
        return entry.originNodeId().equals(id) || wants(entry.path());
    }

    boolean wants(FilePath path) {
        return !picky || !path.value().startsWith("d");
    }

    /** Its storage cannot continue what it has staged, as an object store cannot. */
    void appendless(boolean is) {
        appendless = is;
    }

    boolean isAppendless() {
        return appendless;
    }

    /** Its code has met {@code kind}. */
    void felt(FaultKind kind) {
        if (kind == FaultKind.STORAGE_ERROR || kind == FaultKind.SHORT_WRITE) {
            storageFaults++;
        }
    }

    /** How often its disk has failed, which leaves in doubt what is staged. */
    long storageFaults() {
        return storageFaults;
    }

    /** Files that were registered where they lay, by their content. */
    Set<Sha256> inPlace() {
        return inPlace;
    }

    /** The application writes a file where it is to stay; false when something is there already. */
    boolean place(FilePath path, byte[] content) {
        if (storage.published().keySet().stream()
                .anyMatch(other -> other.equals(path) || other.isAbove(path) || path.isAbove(other))) {
            return false;
        }
        injured.add(path);
        unrecorded.add(path);
        foundBad.remove(path);
        storage.placeForeign(path, content);
        world.checks().spoiled(this, path);
        return true;
    }

    /** It was registered: from now on it is a file like others, though nobody's until there is a record of it. */
    void accountFor(FileEntry entry) {
        injured.remove(entry.path());
        world.checks().spoiled(this, entry.path());
    }

    // The network.

    /** A request comes in; whoever is here when it arrives answers it on {@code exchange}. */
    void receive(ByteBuffer request, Exchange exchange) {
        SimulatedProcess addressed = process;
        world.kernel().at(world.network().latency(), () -> {
            Life running = life();
            if (running != null && process == addressed) {
                running.serve(request, exchange);
            }
        });
    }

    // Time.

    long wallClockMillis() {
        if (clockJumped) {
            clockJumped = false;
            world.faults().felt(FaultKind.CLOCK_JUMP, this);
        }
        return 1_700_000_000_000L + world.kernel().now() / 1_000_000 + wallClockOffsetMillis;
    }

    void jumpClock(long millis) {
        wallClockOffsetMillis += millis;
        clockJumped = true;
    }

    // What faults hit.

    /** Whether one of its pulls is in {@code state} now. */
    boolean hasPullIn(PullProbe.State state) {
        Life running = life();
        PullProbe probe = running == null ? null : running.probe();
        return probe != null && probe.states().contains(state);
    }

    /** The states of the pulls that a fault of {@code kind} hits which {@code task} met. */
    Set<PullProbe.State> statesHitBy(FaultKind kind, Task task) {
        Life running = life;
        PullProbe probe = running == null ? null : running.probe();
        if (probe == null) {
            return EnumSet.noneOf(PullProbe.State.class);
        }
        if (kind.reach == FaultKind.Reach.NODE) {
            return probe.states();
        }
        Errand errand = task.errand;
        return errand == null ? EnumSet.noneOf(PullProbe.State.class) : probe.statesOf(errand.paths());
    }

    @Override
    public String toString() {
        return id.toString();
    }
}
