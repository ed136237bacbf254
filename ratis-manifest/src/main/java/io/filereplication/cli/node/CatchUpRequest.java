package io.filereplication.cli.node;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import io.filereplication.cli.control.proto.ControlProtocol.CatchUpProto;
import io.filereplication.cli.control.proto.ControlProtocol.DoneProto;
import io.filereplication.cli.node.Conversation.HungUpException;
import io.filereplication.plugin.FileReplicationNode;
import io.filereplication.pull.PullerStats;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Has the manifest walked over once more and waits, when that is wanted, until nothing is missing. */
final class CatchUpRequest {
    private static final Duration POLL = Duration.ofMillis(200);

    private final FileReplicationNode node;

    CatchUpRequest(FileReplicationNode node) {
        this.node = node;
    }

    DoneProto carryOut(CatchUpProto request, Conversation conversation)
            throws HungUpException, InterruptedException, CommandFailure {
        PullerStats before = node.stats();
        // A walk that is running may have passed what this one is wanted for: then it is the next that counts. It may
        // also have broken
        // off long ago, which nothing tells apart; so another is asked for when one has finished.
        boolean runs = before.catchUp().startedAtMillis() > before.catchUp().completedAtMillis();
        long wanted = before.catchUp().walks() + (runs ? 2 : 1);
        boolean askedAgain = !runs;
        node.puller().runCatchUp();
        if (request.getWaitMillis() == 0) {
            return Conversation.done(ExitCode.OK, totals(before, node.stats()));
        }
        Deadline deadline = conversation.deadline(Duration.ofMillis(request.getWaitMillis()));
        while (true) {
            PullerStats now = node.stats();
            boolean walked = now.catchUp().walks() >= wanted;
            if (!askedAgain && now.catchUp().walks() > before.catchUp().walks()) {
                node.puller().runCatchUp();
                askedAgain = true;
            }
            if (walked && node.fullyCaughtUp() && now.missing() == 0) {
                return Conversation.done(ExitCode.OK, totals(before, now));
            }
            if (deadline.isOver()) {
                throw new CommandFailure(
                        ExitCode.TIMED_OUT,
                        now.missing() + " files are still missing"
                                + (walked ? "" : ", and the walk over the manifest has not finished")
                                + ": 'status' shows why; the node goes on by itself");
            }
            if (walked) {
                conversation.progress("pulling, files missing", now.missing(), 0, false);
            } else {
                conversation.progress(
                        "walking",
                        runs ? 0 : now.catchUp().entriesWalked(),
                        node.manifest().count(),
                        false);
            }
            conversation.pause(POLL);
        }
    }

    private static Map<String, Long> totals(PullerStats before, PullerStats now) {
        Map<String, Long> totals = new LinkedHashMap<>();
        totals.put("walked", now.catchUp().entriesWalked());
        totals.put("pulled", now.pulled() - before.pulled());
        totals.put("pulled_bytes", now.pulledBytes() - before.pulledBytes());
        totals.put("missing", now.missing());
        return totals;
    }
}
