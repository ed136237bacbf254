package io.filereplication.cli;

import io.filereplication.cli.control.proto.ControlProtocol.MemberProto;
import io.filereplication.http.Json;
import io.filereplication.status.NodeStatus;
import io.filereplication.status.StatusMessages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the members have said, for people and for scripts. */
final class GroupStatus {
    private final Map<String, NodeStatus> nodes;
    private final Map<String, String> silent;
    private final long committed;

    private GroupStatus(Map<String, NodeStatus> nodes, Map<String, String> silent) {
        this.nodes = nodes;
        this.silent = silent;
        this.committed = nodes.values().stream()
                .mapToLong(NodeStatus::committedIndex)
                .max()
                .orElse(-1);
    }

    static GroupStatus of(List<MemberProto> answers) {
        Map<String, NodeStatus> nodes = new LinkedHashMap<>();
        Map<String, String> silent = new LinkedHashMap<>();
        for (MemberProto answer : answers) {
            if (answer.hasAnswer()) {
                nodes.put(answer.getId(), StatusMessages.decodeNode(answer.getAnswer()));
            } else {
                silent.put(answer.getId(), answer.getReason());
            }
        }
        return new GroupStatus(nodes, silent);
    }

    /** Whether there is nothing that somebody should look at. */
    boolean isWell() {
        return silent.isEmpty()
                && nodes.values().stream()
                        .allMatch(node -> node.fullyCaughtUp()
                                && node.problems().isEmpty()
                                && node.failures().isEmpty());
    }

    private long lag(NodeStatus node) {
        return Math.max(0, committed - node.appliedIndex());
    }

    List<String> lines(boolean json) {
        return json ? List.of(Json.text(json())) : text();
    }

    private List<String> text() {
        Table table = new Table()
                .row("MEMBER", "ROLE", "TERM", "APPLIED", "LAG", "READY", "FILES", "BYTES", "MISSING", "OLDEST");
        nodes.forEach((id, node) -> table.row(
                id,
                node.role().name().toLowerCase(Locale.ROOT),
                Long.toString(node.term()),
                Long.toString(node.appliedIndex()),
                Long.toString(lag(node)),
                node.fullyCaughtUp() ? "yes" : "no",
                Long.toString(node.files()),
                Amounts.size(node.bytes()),
                missing(node),
                node.statistic("missing") == 0 ? "-" : Amounts.millis(node.statistic("oldest_missing_age_ms"))));
        List<String> lines = new ArrayList<>(table.lines());
        silent.forEach((id, reason) -> lines.add(id + " does not answer: " + reason));
        nodes.forEach((id, node) -> {
            node.problems().forEach(problem -> lines.add(id + ": " + problem));
            node.failures()
                    .forEach(failure ->
                            lines.add(id + " cannot get " + failure.version().path() + " (" + failure.attempts()
                                    + " attempts): " + failure.reason()));
        });
        return lines.stream().map(Paths::printable).toList();
    }

    private static String missing(NodeStatus node) {
        long missing = node.statistic("missing");
        return missing == 0 ? "0" : missing + " (" + Amounts.size(node.statistic("missing_bytes")) + ")";
    }

    private Map<String, Object> json() {
        List<Object> members = new ArrayList<>();
        nodes.forEach((id, node) -> members.add(json(node)));
        silent.forEach((id, reason) -> members.add(ordered("id", id, "answers", false, "reason", reason)));
        return ordered("committed_index", committed, "well", isWell(), "members", members);
    }

    private Map<String, Object> json(NodeStatus node) {
        Map<String, Object> json = ordered("id", node.id().value(), "answers", true);
        json.put("role", node.role().name().toLowerCase(Locale.ROOT));
        json.put("leader", node.leader() == null ? null : node.leader().value());
        json.put("term", node.term());
        json.put("committed_index", node.committedIndex());
        json.put("applied_index", node.appliedIndex());
        json.put("lag", lag(node));
        json.put("files", node.files());
        json.put("bytes", node.bytes());
        json.put("fully_caught_up", node.fullyCaughtUp());
        json.put("catch_up_completed", node.catchUpCompleted());
        json.put("caught_up_index", node.caughtUpIndex());
        json.put(
                "peers",
                node.members().stream()
                        .map(member -> ordered(
                                "id", member.id().value(),
                                "address", member.address(),
                                "data_stream_address", member.dataStreamAddress(),
                                "listener", member.isListener()))
                        .toList());
        json.put("problems", node.problems());
        json.put(
                "failures",
                node.failures().stream()
                        .map(failure -> ordered(
                                "path", failure.version().path().value(),
                                "version", failure.version().contentLsn().toString(),
                                "attempts", failure.attempts(),
                                "reason", failure.reason()))
                        .toList());
        json.put("statistics", node.statistics());
        return json;
    }

    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put(namesAndValues[i].toString(), namesAndValues[i + 1]);
        }
        return map;
    }
}
