package io.filereplication.demo;

import java.nio.file.Path;
import java.util.List;

/**
 * What a node process is started with.
 *
 * @param self its own id and ports
 * @param peers the members it starts with; empty for one that joins a running group by reconfiguration: with peers but not
 *     yet a member, it would stand for election, and the refusal would make Ratis shut it down
 * @param storage where the replicated files go
 * @param raft where Raft keeps its log and snapshots
 * @param ingest where Parquet files are written before they are put
 * @param secretFile the cluster secret, readable by its owner only
 * @param group the Raft group's UUID
 */
record NodeSettings(
        PeerAddress self,
        List<PeerAddress> peers,
        Path storage,
        Path raft,
        Path ingest,
        Path secretFile,
        String group) {
    NodeSettings {
        peers = List.copyOf(peers);
    }

    Fields toFields() {
        Fields fields = Fields.NONE
                .with("self", PeerAddress.format(List.of(self)))
                .with("storage", storage)
                .with("raft", raft)
                .with("ingest", ingest)
                .with("secret", secretFile)
                .with("group", group);
        return peers.isEmpty() ? fields : fields.with("peers", PeerAddress.format(peers));
    }

    static NodeSettings of(Fields fields) {
        return new NodeSettings(
                PeerAddress.parse(fields.text("self")).get(0),
                fields.has("peers") ? PeerAddress.parse(fields.text("peers")) : List.of(),
                Path.of(fields.text("storage")),
                Path.of(fields.text("raft")),
                Path.of(fields.text("ingest")),
                Path.of(fields.text("secret")),
                fields.text("group"));
    }
}
