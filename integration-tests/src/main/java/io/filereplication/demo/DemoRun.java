package io.filereplication.demo;

import io.filereplication.time.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The story that the demo tells, in its order.
 *
 * <ol>
 *   <li>Three nodes start, each a process of its own.
 *   <li>Node 1 writes and puts files, nodes 2 and 3 pull them.
 *   <li>Node 1, the origin of every file, is killed with SIGKILL and stays dead.
 *   <li>Node 3 loses its disk. With node 1 dead, two of three members are a majority but one is not, so a node may not just
 *       be stopped: node 2 could commit nothing, and nothing could be written. So the operator does what an operator
 *       should, while nodes 2 and 3 can still decide together: first the dead node 1 is removed from the group ({2, 3}
 *       remain), then node 3 is (only {2} remains). Only now node 3 is stopped and its disk is wiped.
 *   <li>Node 2, a majority of one, writes more files; as the leader it takes a snapshot and purges its log.
 *   <li>Node 3 comes back with an empty disk. It must not use its old id: a voter that forgot what it voted for and what it
 *       acknowledged breaks Raft's promises, so it joins under a new one, by a change of the configuration to {2, 3'}. It
 *       installs the snapshot and fetches every file from node 2, which is the origin of few of them.
 *   <li>The files of nodes 2 and 3 are hashed, queried and compared with what was written; what the dead node 1 left on its
 *       disk is hashed too.
 * </ol>
 *
 * <p>Used by one thread, which it blocks for as long as the story takes.
 */
final class DemoRun {
    private static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration CHECK_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

    private final Workload workload;
    private final DemoCluster cluster;
    private final ProgressDisplay display;
    private final Ticker ticker;
    private final ResultTable table = new ResultTable();
    private final List<String> differences = new ArrayList<>();

    DemoRun(Workload workload, DemoCluster cluster, ProgressDisplay display, Ticker ticker) {
        this.workload = workload;
        this.cluster = cluster;
        this.display = display;
        this.ticker = ticker;
    }

    /** Runs it all; returns what differs from what was written, nothing when all is well. */
    List<String> run() throws DemoFailure, InterruptedException, IOException {
        PeerAddress address1 = cluster.newAddress("n1");
        PeerAddress address2 = cluster.newAddress("n2");
        PeerAddress address3 = cluster.newAddress("n3");
        List<PeerAddress> group = List.of(address1, address2, address3);
        display.say("1. Three nodes start, each with its own storage and Raft directory.");
        Member node1 = started(cluster.start("node 1", address1, group));
        Member node2 = started(cluster.start("node 2", address2, group));
        Member node3 = started(cluster.start("node 3", address3, group));
        replicate(node1, node2, node3);
        killOrigin(node1, node2, node3);
        loseDisk(node2, node3);
        long snapshotIndex = writeMore(node2);
        Member again = comeBack(node2, snapshotIndex);
        check(node1, node2, again);
        table.lines().forEach(display::say);
        return differences;
    }

    private Member started(Member member) {
        PeerAddress address = member.address();
        display.say("   " + member.name() + ": process " + member.process().pid() + ", id " + address.id() + ", Raft "
                + address.raftAddress() + ", data stream " + address.streamAddress());
        return member;
    }

    private void replicate(Member node1, Member node2, Member node3) throws DemoFailure, InterruptedException {
        Workload.Part part = workload.first();
        display.say("2. Node 1 puts " + part.files() + " files (" + workload.describe() + ").");
        display.say("3. Nodes 2 and 3 pull them meanwhile.");
        List<Member> all = List.of(node1, node2, node3);
        List<Member> pullers = List.of(node2, node3);
        long begun = ticker.nanoTime();
        put("node 1 writes and puts", node1, part, all);
        List<NodeReport> done = cluster.until(
                "nodes 2 and 3 to pull " + part.files() + " files",
                all,
                statuses -> statuses.stream().allMatch(status -> status.holds(part.files())));
        row("nodes 2 and 3 pull", begun, done.subList(1, 3));
        display.say("   " + names(pullers) + " have all " + part.files() + " files; the leader is "
                + done.get(1).leader() + ", " + done.get(1).files() + " registrations came in "
                + done.get(1).appliedOneByOne() + " log entries.");
    }

    private void put(String step, Member node, Workload.Part part, List<Member> shown)
            throws DemoFailure, InterruptedException {
        long begun = ticker.nanoTime();
        Fields answer = cluster.during(node, part.verb(), part.fields(), shown);
        long nanos = ticker.nanoTime() - begun;
        workload.written(part, answer);
        if (answer.number("files") != part.files()) {
            throw new DemoFailure(
                    node.name() + " put " + answer.number("files") + " files, expected were " + part.files());
        }
        table.add(new ResultTable.Row(step, answer.number("files"), answer.number("bytes"), nanos, 0, 0));
    }

    private void row(String step, long begun, List<NodeReport> pullers) {
        table.add(new ResultTable.Row(
                step,
                sum(pullers, NodeReport::pulledFiles),
                sum(pullers, NodeReport::pulledBytes),
                ticker.nanoTime() - begun,
                sum(pullers, NodeReport::retries),
                sum(pullers, NodeReport::mismatches)));
    }

    private static long sum(List<NodeReport> statuses, ToLongFunction<NodeReport> field) {
        return statuses.stream().mapToLong(field).sum();
    }

    private void killOrigin(Member node1, Member node2, Member node3) throws DemoFailure, InterruptedException {
        node1.process().kill();
        display.say("4. Node 1, the origin of every file, is killed with SIGKILL: exit code "
                + node1.process().awaitExit(STOP_TIMEOUT) + ". It stays dead.");
        List<NodeReport> statuses = cluster.until(
                "a leader among nodes 2 and 3",
                List.of(node2, node3),
                now -> now.stream().allMatch(status -> leads(status, node2) || leads(status, node3)));
        display.say("   Nodes 2 and 3 are a majority and go on; the leader is "
                + statuses.get(0).leader() + ".");
    }

    private static boolean leads(NodeReport status, Member member) {
        return status.leader().equals(member.address().id());
    }

    private void loseDisk(Member node2, Member node3) throws DemoFailure, InterruptedException {
        reconfigure(node2, List.of(node2.address(), node3.address()));
        display.say("   The dead node 1 is removed from the group: {n2, n3} remain.");
        reconfigure(node2, List.of(node2.address()));
        cluster.until("node 2 to lead a group of one", List.of(node2), now -> leads(now.get(0), node2));
        display.say("   Node 3 is removed before it is stopped, or node 2 alone would be no majority: {n2} remains.");
        node3.process().call(Verb.STOP, Fields.NONE, STOP_TIMEOUT);
        int exitCode = node3.process().awaitExit(STOP_TIMEOUT);
        cluster.wipe(node3);
        display.say("   Node 3 is stopped (exit code " + exitCode + ") and its disk is wiped, Raft directory and all.");
    }

    private static void reconfigure(Member operator, List<PeerAddress> peers) throws DemoFailure, InterruptedException {
        operator.process().call(Verb.RECONFIGURE, Fields.NONE.with("peers", PeerAddress.format(peers)), CHANGE_TIMEOUT);
    }

    /** Returns the index of the leader's snapshot. */
    private long writeMore(Member node2) throws DemoFailure, InterruptedException {
        Workload.Part part = workload.later();
        display.say("   Node 2 puts " + part.files() + " more files.");
        put("node 2 writes and puts", node2, part, List.of(node2));
        long index =
                node2.process().call(Verb.SNAPSHOT, Fields.NONE, CHANGE_TIMEOUT).number("index");
        NodeReport status = cluster.until(
                        "node 2 to purge its log",
                        List.of(node2),
                        now -> now.get(0).logStart() > 0)
                .get(0);
        display.say("   Node 2, the leader, took a snapshot at index " + index
                + " and purged its log, which now begins at " + status.logStart() + ".");
        return index;
    }

    private Member comeBack(Member node2, long snapshotIndex) throws DemoFailure, InterruptedException {
        long expected = workload.first().files() + (long) workload.later().files();
        long begun = ticker.nanoTime();
        Member node3 = started(cluster.start("node 3", cluster.newAddress("n3b"), List.of()));
        display.say("   Node 3 is back with an empty disk, under a new id: {n2, n3b}. It catches up from node 2.");
        List<Member> both = List.of(node2, node3);
        Fields peers = Fields.NONE.with("peers", PeerAddress.format(List.of(node2.address(), node3.address())));
        cluster.during(node2, Verb.RECONFIGURE, peers, both);
        List<NodeReport> done = cluster.until(
                "node 3 to catch up on " + expected + " files",
                both,
                now -> now.get(1).holds(expected) && now.get(1).fullyCaughtUp());
        NodeReport status = done.get(1);
        row("node 3 catches up from node 2", begun, done.subList(1, 2));
        checkSnapshot(status, snapshotIndex);
        return node3;
    }

    /** Node 3 must have got the manifest from a snapshot, and from the log only what came after it. */
    private void checkSnapshot(NodeReport status, long snapshotIndex) {
        String applied = status.appliedOneByOne() == 0
                ? "no log entry one by one"
                : status.appliedOneByOne() + " log entries one by one, the first at index "
                        + status.firstAppliedIndex();
        display.say(
                "   Node 3 installed a snapshot at index " + status.installedIndex() + " and applied " + applied + ".");
        if (status.installedIndex() < snapshotIndex) {
            differences.add("node 3 has installed no snapshot that reaches index " + snapshotIndex
                    + ", the newest one ends at " + status.installedIndex());
        }
        if (status.firstAppliedIndex() >= 0 && status.firstAppliedIndex() <= status.installedIndex()) {
            differences.add("node 3 applied the log entry at index " + status.firstAppliedIndex()
                    + " although its snapshot ends at " + status.installedIndex());
        } else {
            display.say("   So it applied nothing one by one at or below the snapshot's index.");
        }
    }

    private void check(Member node1, Member node2, Member node3) throws DemoFailure, InterruptedException, IOException {
        display.say("5. Every file on every node is hashed; nodes 2 and 3 are compared with what was written.");
        long begun = ticker.nanoTime();
        long first = workload.first().files();
        long later = workload.later().files();
        TreeReport left = TreeReport.of(node2.process()
                .call(Verb.CHECK, Fields.NONE.with("directory", node1.settings().storage()), CHECK_TIMEOUT));
        expect("the disk of the killed node 1", left, first, later);
        TreeReport report2 = TreeReport.of(node2.process().call(Verb.CHECK, Fields.NONE, CHECK_TIMEOUT));
        expect("node 2", report2, first + later, 0);
        TreeReport report3 = TreeReport.of(node3.process().call(Verb.CHECK, Fields.NONE, CHECK_TIMEOUT));
        expect("node 3", report3, first + later, 0);
        long mismatches = left.different() + report2.different() + report3.different();
        table.add(new ResultTable.Row(
                "every file on every node hashed",
                left.files() + report2.files() + report3.files(),
                left.bytes() + report2.bytes() + report3.bytes(),
                ticker.nanoTime() - begun,
                0,
                mismatches));
        differences.addAll(workload.differences(node2, report2));
        differences.addAll(workload.differences(node3, report3));
        if (differences.isEmpty()) {
            display.say("   Nodes 2 and 3 both have " + workload + ".");
        }
    }

    private void expect(String where, TreeReport report, long files, long absent) {
        display.say("   " + where + ": " + report.files() + " files (" + Amounts.size(report.bytes())
                + ") with the manifest's SHA-256, " + report.different() + " different, " + report.absent()
                + " absent, "
                + report.unknown() + " unknown");
        if (report.files() != files || report.absent() != absent || report.different() > 0 || report.unknown() > 0) {
            differences.add(
                    where + ": expected were " + files + " equal files and " + absent + " absent ones, found were "
                            + report.files() + " equal, " + report.absent() + " absent, " + report.different()
                            + " different and "
                            + report.unknown() + " unknown");
            if (absent == 0 || report.different() > 0 || report.unknown() > 0) {
                differences.addAll(report.findings());
            }
        }
    }

    private static String names(List<Member> members) {
        return "Nodes "
                + String.join(
                        " and ",
                        members.stream()
                                .map(member -> member.name().replace("node ", ""))
                                .toList());
    }
}
