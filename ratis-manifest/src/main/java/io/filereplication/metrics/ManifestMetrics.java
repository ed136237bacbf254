package io.filereplication.metrics;

import static io.filereplication.metrics.Metric.counter;
import static io.filereplication.metrics.Metric.gauge;
import static io.filereplication.metrics.Metric.rate;

import java.util.List;

/** The manifest and its snapshots. */
final class ManifestMetrics {
    static final List<Metric> ALL = List.of(
            gauge(
                    "manifest_entries",
                    "Registered files",
                    "Memory: about 260 bytes of heap each",
                    r -> r.manifest().count()),
            gauge(
                    "manifest_bytes",
                    "The sum of their sizes",
                    "Disk: what each node that wants all files needs, and room for one update of the largest",
                    r -> r.manifest().bytes()),
            gauge(
                    "manifest_applied_index",
                    "Log index up to which the manifest is, or -1",
                    "",
                    r -> r.manifest().appliedIndex()),
            gauge(
                    "manifest_stopped",
                    "1 when the log holds an entry that needs a newer build",
                    "Page: upgrade this node; it serves what it has and applies again after that",
                    r -> r.manifest().stopped() != null ? 1 : 0),
            gauge(
                    "manifest_format",
                    "Newest format of log entries that the log has enabled",
                    "",
                    r -> r.manifest().enabledFormat()),
            counter(
                    "manifest_log_entries",
                    "Log entries applied one by one",
                    "",
                    r -> r.manifest().entriesApplied()),
            counter(
                    "manifest_operations",
                    "Operations in batches that were applied",
                    "",
                    r -> r.manifest().operationsApplied()),
            rate(
                    "manifest_operations_per_second",
                    "Operations applied per second",
                    r -> r.manifest().operationsApplied()),
            counter(
                    "manifest_batches_refused",
                    "Batches of which nothing was done, such as lost races",
                    "",
                    r -> r.manifest().batchesRefused()),
            counter(
                    "manifest_batches_repeated",
                    "Batches that were answered from memory",
                    "",
                    r -> r.manifest().batchesRepeated()),
            counter(
                    "manifest_batches_expired",
                    "Repeated batches that came too late to be known again",
                    "Look when it grows: a client repeats its calls for too long",
                    r -> r.manifest().batchesExpired()),
            counter(
                    "manifest_unreadable_entries",
                    "Log entries that changed nothing because they are malformed",
                    "Look at each: something else than file replication proposes to this group",
                    r -> r.manifest().unreadableEntries()),
            counter(
                    "manifest_listener_failures",
                    "Exceptions out of listeners of the manifest",
                    "Look at each: the log has it",
                    r -> r.manifest().listenerFailures()),
            counter(
                    "manifest_replacements",
                    "Manifests in use that a snapshot took the place of",
                    "",
                    r -> r.manifest().replacements()),
            gauge(
                    "snapshot_index",
                    "Log index of the newest snapshot on disk, or -1",
                    "",
                    r -> r.snapshots().newestIndex()),
            gauge(
                    "snapshot_installed_index",
                    "Log index of the last snapshot that the leader sent, or -1",
                    "",
                    r -> r.snapshots().installedIndex()),
            gauge(
                    "snapshot_loaded_index",
                    "Log index of the last snapshot that was loaded, or -1",
                    "",
                    r -> r.manifest().loadedSnapshotIndex()),
            counter(
                    "snapshot_failures",
                    "Snapshots that could not be written",
                    "Page when it grows: the log is not purged any more, and fills its disk",
                    r -> r.snapshots().failures()));

    private ManifestMetrics() {}
}
