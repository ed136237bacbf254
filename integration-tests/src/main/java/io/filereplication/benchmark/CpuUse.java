package io.filereplication.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;

/**
 * How much processor time the machine, and how much this process with all it started, has used so far.
 *
 * <p>Read from {@code /proc}: of the machine user, nice, system and stolen time, without interrupts, which belong to nobody;
 * of a process its own time and that of children that have ended and were waited for. Where there is no {@code /proc}
 * nothing is foreign.
 *
 * @param machineTicks of all processors
 * @param ownTicks of this process and its descendants
 */
record CpuUse(long machineTicks, long ownTicks, long nanos) {
    private static final double TICKS_PER_SECOND = 100;

    static CpuUse now() {
        long machine = machine();
        long own = LongStream.concat(
                        LongStream.of(ProcessHandle.current().pid()),
                        ProcessHandle.current().descendants().mapToLong(ProcessHandle::pid))
                .map(CpuUse::process)
                .sum();
        return new CpuUse(machine, own, System.nanoTime());
    }

    private static long machine() {
        try {
            String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).split(" +", -1);
            return Long.parseLong(fields[1])
                    + Long.parseLong(fields[2])
                    + Long.parseLong(fields[3])
                    + Long.parseLong(fields[8]);
        } catch (IOException e) {
            return 0;
        }
    }

    private static long process(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The name before the last parenthesis may hold anything; the state is the third field.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Long.parseLong(fields[11])
                    + Long.parseLong(fields[12])
                    + Long.parseLong(fields[13])
                    + Long.parseLong(fields[14]);
        } catch (IOException e) {
            // It has ended meanwhile; whoever waited for it has its time.
            return 0;
        }
    }

    /** The share of all processors, 0 to 1, that others used between {@code before} and this. */
    double foreignSince(CpuUse before) {
        double seconds = (nanos - before.nanos) / 1e9;
        double foreign = (machineTicks - before.machineTicks) - (ownTicks - before.ownTicks);
        double all = seconds * TICKS_PER_SECOND * Runtime.getRuntime().availableProcessors();
        return all <= 0 ? 0 : Math.max(0, Math.min(1, foreign / all));
    }

    /** Seconds of processor time that this process and its descendants used between {@code before} and this. */
    double ownSecondsSince(CpuUse before) {
        return (ownTicks - before.ownTicks) / TICKS_PER_SECOND;
    }
}
