package io.filereplication.metrics;

import static io.filereplication.metrics.Metric.counter;
import static io.filereplication.metrics.Metric.counters;
import static io.filereplication.metrics.Metric.durations;
import static io.filereplication.metrics.Metric.fraction;
import static io.filereplication.metrics.Metric.gauge;
import static io.filereplication.metrics.Metric.rate;

import io.filereplication.pull.PeerPullStats;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * What brings files here. The names are those of {@link io.filereplication.pull.PullerStats#toMap()}, times apart, which are
 * in seconds here.
 */
final class PullMetrics {
    private static final double MILLIS_PER_SECOND = 1e3;

    private static final List<Metric> WORK = List.of(
            gauge(
                    "missing",
                    "Files known to be missing here, whatever is being done about them",
                    "Look when it does not fall for minutes",
                    r -> r.pull().missing()),
            gauge(
                    "unavailable",
                    "Missing files that every current member has said it does not have",
                    "Page when it stays above 0: no member is left that holds the bytes",
                    r -> r.pull().unavailable()),
            gauge(
                    "missing_bytes",
                    "The sizes of the missing files",
                    "",
                    r -> r.pull().missingBytes()),
            fraction(
                    "oldest_missing_age_seconds",
                    "For how long the oldest missing file is known to be missing, 0 when none is",
                    "Page when it is longer than readers may wait for a file, and longer than the largest takes to be sent",
                    r -> r.pull().oldestMissingAgeMillis() / MILLIS_PER_SECOND),
            gauge(
                    "paused",
                    "1 when pulling was paused by this node's application or operator",
                    "Look when nobody meant it",
                    r -> r.pull().paused() ? 1 : 0),
            gauge(
                    "storage_full",
                    "1 when pulling pauses because the storage is full",
                    "Page: free space below the storage root; pulling goes on by itself",
                    r -> r.pull().storageFull() ? 1 : 0),
            gauge(
                    "queue_depth",
                    "Pulls that wait for a worker or for verification",
                    "",
                    r -> r.pull().queueDepth()),
            gauge("in_flight", "Pulls that a worker has", "", r -> r.pull().inFlight()),
            counter(
                    "enqueued",
                    "Pulls that were begun: live, by a walk, by a request",
                    "",
                    r -> r.pull().enqueued()),
            counter(
                    "pulled",
                    "Files of other nodes that were published here",
                    "",
                    r -> r.pull().pulled()),
            counter(
                    "published_local",
                    "Files published that this node put itself",
                    "",
                    r -> r.pull().publishedLocal()),
            counter(
                    "pulled_bytes",
                    "Bytes received from peers",
                    "",
                    r -> r.pull().pulledBytes()),
            rate(
                    "pulled_per_second",
                    "Files of other nodes published here per second",
                    r -> r.pull().pulled()),
            rate(
                    "pulled_bytes_per_second",
                    "Bytes received from peers per second",
                    r -> r.pull().pulledBytes()),
            counter(
                    "skipped_self",
                    "Registrations of files that this node wrote and has",
                    "",
                    r -> r.pull().skippedSelf()),
            counter(
                    "skipped_local",
                    "Files that were here already",
                    "",
                    r -> r.pull().skippedLocal()),
            counter(
                    "skipped_duplicate",
                    "Versions that were queued or being pulled already",
                    "",
                    r -> r.pull().skippedDuplicate()),
            counter(
                    "skipped_unwanted",
                    "Files that the filter does not want",
                    "",
                    r -> r.pull().skippedUnwanted()),
            counter(
                    "superseded",
                    "Pulls that ended because the manifest no longer held their version",
                    "",
                    r -> r.pull().superseded()),
            counter(
                    "resumed",
                    "Fetches that continued staged bytes",
                    "",
                    r -> r.pull().resumed()),
            counter(
                    "resumed_bytes",
                    "Bytes that such fetches did not have to ask for again",
                    "",
                    r -> r.pull().resumedBytes()));

    private static final List<Metric> FAILURES = List.of(
            counter(
                    "failed",
                    "Pulls whose last attempt failed; they are tried again with growing pauses",
                    "Look when it grows: the log says why",
                    r -> r.pull().failed()),
            counter(
                    "deferred",
                    "Pulls that found no room in memory and were left to a walk",
                    "A queue that is often full may be made longer: file.replication.pull.queue.size",
                    r -> r.pull().deferred()),
            counter(
                    "checksum_mismatch",
                    "Authentic bytes of peers that are not the file's",
                    "Look at each: a copy on a peer is bad, or memory or disk here is",
                    r -> r.pull().checksumMismatch()),
            counter(
                    "peer_lookup_failure",
                    "Attempts that found no peer to ask",
                    "Look when it grows after the start: the members are not known or none is left",
                    r -> r.pull().peerLookupFailure()),
            counter(
                    "file_not_on_peer",
                    "Answers that the file is not there",
                    "",
                    r -> r.pull().fileNotOnPeer()),
            counter(
                    "unreachable",
                    "Exchanges that failed because the peer could not be reached or the connection broke",
                    "Look when it grows while all members are up",
                    r -> r.pull().unreachable()),
            counter(
                    "bad_offset_server",
                    "Pulls that a peer made begin again at zero",
                    "",
                    r -> r.pull().badOffsetServer()),
            counter(
                    "bad_offset_storage",
                    "Pulls that the own storage made begin again at zero",
                    "",
                    r -> r.pull().badOffsetStorage()),
            counter(
                    "auth_failure",
                    "Exchanges in which one side did not prove the secret",
                    "Page when it grows outside a rotation: a wrong secret, or somebody between the nodes",
                    r -> r.pull().authFailure()),
            counters(
                    "pull_rejected",
                    List.of("kind"),
                    "Messages that came as a peer's and that it did not make for their place, by kind",
                    "Page when it grows: somebody between the nodes changes, repeats or invents messages",
                    PullMetrics::rejections),
            counter(
                    "storage_failure",
                    "Failures of the own storage, a full disk included",
                    "Page when it grows: the disk is full or failing",
                    r -> r.pull().storageFailure()));

    private static final List<Metric> PEERS = List.of(
            counters(
                    "pull_peer_files",
                    List.of("peer"),
                    "Files that each member sent whole",
                    "",
                    r -> byPeer(r, PeerPullStats::files)),
            counters(
                    "pull_peer_bytes",
                    List.of("peer"),
                    "Verified bytes that each member sent",
                    "",
                    r -> byPeer(r, PeerPullStats::bytes)),
            counters(
                    "pull_peer_failures",
                    List.of("peer", "reason"),
                    "How often each member did not send what it was asked for, by reason",
                    "Look when checksum_mismatch, authentication or unsupported_version is above 0: it names the peer",
                    PullMetrics::failures));

    private static final List<Metric> TIMES = List.of(
            durations(
                    "registered_to_published_seconds",
                    "From hearing of a registration to its file being published here, of files that other nodes wrote",
                    "Page on its high quantiles when readers depend on fresh files",
                    r -> r.pulling().registeredToPublished()),
            durations(
                    "queue_wait_seconds",
                    "For how long a pull waited for a worker",
                    "",
                    r -> r.pulling().queueWait()),
            durations(
                    "fetch_seconds",
                    "One exchange with a peer, failed ones included",
                    "",
                    r -> r.pulling().fetch()),
            durations(
                    "verify_seconds",
                    "Hashing of bytes that were here already",
                    "",
                    r -> r.pulling().verify()),
            durations(
                    "publish_seconds",
                    "Fsync and rename of a verified file",
                    "Look when it grows: the disk is slow or busy",
                    r -> r.pulling().publish()));

    private static final List<Metric> WALKS = List.of(
            counter(
                    "catch_up_walks",
                    "Walks over the manifest that have finished",
                    "",
                    r -> r.pull().catchUp().walks()),
            fraction(
                    "catch_up_started_timestamp_seconds",
                    "When the last walk began, 0 when none did",
                    "",
                    r -> r.pull().catchUp().startedAtMillis() / MILLIS_PER_SECOND),
            fraction(
                    "catch_up_completed_timestamp_seconds",
                    "When the last walk finished, 0 when none did",
                    "Look when it is older than three times file.replication.catch-up.interval",
                    r -> r.pull().catchUp().completedAtMillis() / MILLIS_PER_SECOND),
            gauge(
                    "catch_up_entries_walked",
                    "Entries that the last walk has looked at",
                    "",
                    r -> r.pull().catchUp().entriesWalked()),
            gauge(
                    "catch_up_enqueued",
                    "What the last walk found missing",
                    "",
                    r -> r.pull().catchUp().enqueued()),
            gauge(
                    "catch_up_skipped",
                    "What it found here, unwanted, or on its way",
                    "",
                    r -> r.pull().catchUp().skipped()),
            gauge(
                    "catch_up_in_flight",
                    "What readiness waits for and is on its way",
                    "",
                    r -> r.pull().catchUp().inFlight()),
            gauge(
                    "catch_up_failed",
                    "What readiness waits for and has failed",
                    "",
                    r -> r.pull().catchUp().failed()),
            gauge(
                    "catch_up_deferred",
                    "What readiness waits for and only a later walk finds",
                    "",
                    r -> r.pull().catchUp().deferred()));

    static final List<Metric> ALL =
            Stream.of(WORK, TIMES, FAILURES, PEERS, WALKS).flatMap(List::stream).toList();

    private PullMetrics() {}

    private static Map<List<String>, Number> byPeer(Reading reading, ToLongFunction<PeerPullStats> value) {
        Map<List<String>, Number> numbers = new HashMap<>();
        reading.pull().peers().forEach((peer, stats) -> numbers.put(List.of(peer.value()), value.applyAsLong(stats)));
        return numbers;
    }

    private static Map<List<String>, Number> failures(Reading reading) {
        Map<List<String>, Number> numbers = new HashMap<>();
        reading.pull()
                .peers()
                .forEach((peer, stats) -> stats.failures()
                        .forEach((kind, count) -> numbers.put(List.of(peer.value(), kind.documentedName()), count)));
        return numbers;
    }

    private static Map<List<String>, Number> rejections(Reading reading) {
        Map<List<String>, Number> numbers = new HashMap<>();
        reading.rejections().forEach((kind, count) -> numbers.put(List.of(ServeMetrics.nameOf(kind)), count));
        return numbers;
    }
}
