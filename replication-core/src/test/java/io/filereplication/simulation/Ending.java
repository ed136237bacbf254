package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.pull.Puller;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What follows the disturbance: nothing fails any more, and the cluster has to come to rest; then everybody closes in good order. */
final class Ending {
    private static final long SECOND = 1_000_000_000L;
    /** Of so many simulations one loses, in the end, every copy of a file. */
    private static final int ONE_LOSES_EVERYTHING = 6;

    private final World world;
    private final Kernel kernel;
    private final long patienceSeconds;

    /** An ending in which nothing may take longer than {@code patienceSeconds}. */
    Ending(World world, long patienceSeconds) {
        this.world = world;
        this.kernel = world.kernel();
        this.patienceSeconds = patienceSeconds;
    }

    void run() {
        mendEverything();
        String unrest = comeToRest();
        if (unrest == null && world.faults().below(ONE_LOSES_EVERYTHING) == 0) {
            unrest = loseEveryCopy();
        }
        if (unrest != null) {
            world.checks().violated(world.nodes().get(0), "the cluster does not come to rest: " + unrest);
        }
        for (SimulatedNode node : world.nodes()) {
            Life life = node.life();
            if (life != null) {
                node.close(life);
                world.checks().afterClose(life);
            }
        }
    }

    private void mendEverything() {
        world.faults().end();
        world.network().mendAll();
        for (SimulatedNode node : world.nodes()) {
            node.full(false);
            node.slowToVerify(false);
            if (node.process().isStopped()) {
                node.process().stop(false);
                node.losesTimeUntil(kernel.now());
            }
            node.willNotCrash();
            Life life = node.life();
            if (life != null && life.isOpen()) {
                life.resume();
                life.limit(OptionalLong.empty());
            }
        }
        world.log().setMembers(new TreeSet<>(world.ids()));
        kernel.signal(world.log().grew);
    }

    /** Why the cluster has not come to rest in time; null when it has. */
    private @Nullable String comeToRest() {
        String unrest = "";
        for (long second = 0; second < patienceSeconds && unrest != null; second++) {
            kernel.pause(SECOND);
            world.network().mendAll();
            world.nodes().forEach(node -> node.full(false));
            world.checks().everyNode();
            unrest = world.checks().unrest();
            if (unrest != null && unrest.contains(Checks.LEFT_OVER) && second == patienceSeconds / 2) {
                // What could not be deleted because the disk failed is deleted at the next start.
                world.nodes().forEach(Ending::restart);
            }
        }
        return unrest;
    }

    private static void restart(SimulatedNode node) {
        Life life = node.life();
        if (life != null) {
            node.close(life);
            node.start();
        }
    }

    /**
     * Every copy of one file goes bad. Everybody who wants it has to find out, by scrubbing, and to say that nobody has it, unless a
     * good copy turns up after all; and the next put of it has to heal everything.
     */
    private @Nullable String loseEveryCopy() {
        List<FileEntry> entries = new ArrayList<>(world.log().head().entries().values());
        entries.removeIf(entry -> entry.sizeBytes() == 0);
        if (entries.isEmpty()) {
            return null;
        }
        FileEntry entry = entries.get(world.faults().below(entries.size()));
        for (SimulatedNode node : world.nodes()) {
            if (node.storage().published().containsKey(entry.path())) {
                node.rot(entry.path(), world.faults().below((int) entry.sizeBytes()));
            }
        }
        for (long second = 0; !isSettled(entry); second++) {
            if (second == patienceSeconds) {
                return "every copy of " + entry + " is bad, and not everybody says that nobody has it";
            }
            kernel.pause(SECOND);
            world.checks().everyNode();
        }
        SimulatedNode any = world.nodes().get(world.faults().below(world.nodes().size()));
        Life life = any.life();
        if (life != null) {
            byte[] content = world.book().newContent((int) entry.sizeBytes());
            kernel.spawn(any.process(), "put", () -> life.put(entry.path(), content));
        }
        return comeToRest();
    }

    private boolean isSettled(FileEntry entry) {
        boolean everybodyKnows = true;
        for (SimulatedNode node : world.nodes()) {
            Life life = node.life();
            Puller puller = life == null ? null : life.puller();
            everybodyKnows &= !node.wants(entry)
                    || (puller != null && puller.unavailable(Integer.MAX_VALUE).contains(entry.version()));
        }
        return everybodyKnows || world.checks().unrest() == null;
    }
}
