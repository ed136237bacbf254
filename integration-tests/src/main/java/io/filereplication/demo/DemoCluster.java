package io.filereplication.demo;

import io.filereplication.cluster.FreePorts;
import io.filereplication.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * The node processes of a run: starts them, asks them, and waits for them while the display shows how far they are. Used by
 * one thread, which every method may block.
 */
final class DemoCluster {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration POLL_PAUSE = Duration.ofMillis(200);
    private static final Duration STALL_LIMIT = Duration.ofSeconds(60);

    private final RunDirectory run;
    private final Class<?> nodeMain;
    private final ProgressDisplay display;
    private final Ticker ticker;
    private final String group = UUID.randomUUID().toString();
    private final Path secretFile;
    private final Map<String, RateMeter> rates = new LinkedHashMap<>();
    private final List<NodeProcess> started = new ArrayList<>();

    /**
     * A cluster without nodes.
     *
     * @param nodeMain the main class of a node process
     */
    DemoCluster(RunDirectory run, Class<?> nodeMain, ProgressDisplay display, Ticker ticker) throws IOException {
        this.run = run;
        this.nodeMain = nodeMain;
        this.display = display;
        this.ticker = ticker;
        secretFile = run.writeSecret(new SecureRandom());
    }

    /** A new id on free ports. */
    PeerAddress newAddress(String id) {
        return new PeerAddress(id, FreePorts.next(), FreePorts.next());
    }

    /**
     * Starts the node {@code self} in a process of its own and waits until it runs.
     *
     * @param name its name, and that of its directory: what lies there from before is used again
     * @param peers the members it starts with, or none when it joins by reconfiguration
     */
    Member start(String name, PeerAddress self, List<PeerAddress> peers) throws DemoFailure, InterruptedException {
        Path home = run.root().resolve(name.replace(' ', '-'));
        NodeSettings settings = new NodeSettings(
                self, peers, home.resolve("storage"), home.resolve("raft"), home.resolve("ingest"), secretFile, group);
        Path log = run.root().resolve("logs").resolve(self.id() + ".log");
        NodeProcess process = NodeProcess.start(name, nodeMain, home, log, run);
        started.add(process);
        process.call(Verb.START, settings.toFields(), START_TIMEOUT);
        rates.put(name, new RateMeter());
        return new Member(name, settings, process);
    }

    /** Empties the disk of a stopped node: its files, its records and its Raft directory. */
    void wipe(Member member) throws DemoFailure {
        if (member.process().isAlive()) {
            throw new IllegalStateException(member.name() + " is running");
        }
        try {
            RunDirectory.delete(member.settings().storage());
            RunDirectory.delete(member.settings().raft());
        } catch (IOException e) {
            throw new DemoFailure("The disk of " + member.name() + " cannot be wiped: " + e.getMessage(), e);
        }
        if (Files.exists(member.settings().storage())
                || Files.exists(member.settings().raft())) {
            throw new DemoFailure("The disk of " + member.name() + " is not empty");
        }
    }

    /** Asks {@code member} and shows the progress of {@code shown} until it has answered. */
    Fields during(Member member, Verb verb, Fields fields, List<Member> shown)
            throws DemoFailure, InterruptedException {
        CompletableFuture<Fields> answer = member.process().ask(verb, fields);
        watch("'" + verb.word() + "' of " + member.name(), shown, statuses -> answer.isDone());
        return member.process().await(answer, verb, POLL_PAUSE);
    }

    /** Shows the progress of {@code members} until {@code done} holds of their statuses, in the same order. */
    List<NodeReport> until(String what, List<Member> members, Predicate<List<NodeReport>> done)
            throws DemoFailure, InterruptedException {
        return watch(what, members, done);
    }

    /** Fails when nothing has changed for a minute. */
    private List<NodeReport> watch(String what, List<Member> members, Predicate<List<NodeReport>> done)
            throws DemoFailure, InterruptedException {
        List<NodeReport> before = List.of();
        long changed = ticker.nanoTime();
        while (true) {
            List<NodeReport> now = new ArrayList<>();
            for (Member member : members) {
                now.add(member.status());
            }
            show(members, now);
            if (done.test(now)) {
                display.pause();
                return now;
            }
            if (!now.equals(before)) {
                before = now;
                changed = ticker.nanoTime();
            } else if (ticker.nanoTime() - changed > STALL_LIMIT.toNanos()) {
                display.pause();
                throw new DemoFailure("Nothing has moved for " + STALL_LIMIT.toSeconds() + " s while waiting for "
                        + what + "; the nodes say " + now);
            }
            Thread.sleep(POLL_PAUSE.toMillis());
        }
    }

    private void show(List<Member> members, List<NodeReport> statuses) {
        List<NodeProgress> nodes = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            String name = members.get(i).name();
            NodeReport status = statuses.get(i);
            long rate =
                    rates.computeIfAbsent(name, any -> new RateMeter()).sample(ticker.nanoTime(), status.bytesHere());
            nodes.add(NodeProgress.of(name, status, rate));
        }
        display.show(nodes);
    }

    /** The ends of the logs of all nodes that were started, for the report of a failure. */
    List<String> logs() {
        List<String> lines = new ArrayList<>();
        for (NodeProcess process : started) {
            lines.add("--- the end of the log of " + process.name() + " (process " + process.pid() + ")");
            lines.addAll(process.lastLogLines());
        }
        return lines;
    }
}
