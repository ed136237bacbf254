package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalFiles.Outcome;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.StorageException;
import io.filereplication.storage.StorageFullException;
import io.filereplication.time.Scheduler;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What workers do: take pulls from the desk, bring each attempt to its verdict, act on the verdict, and publish what is
 * whole. One unit of work is one task, so that others get their turn in between. Runs on several workers at once; blocks on
 * I/O; a failure that nobody expected counts as a failed attempt and loses no pull.
 */
final class PullWorker {
    private static final Logger LOG = LoggerFactory.getLogger(PullWorker.class);

    /** What happens elsewhere when a worker is done with a pull. */
    interface Consequences {
        /** The version is published; {@code replaced} says over what. */
        void published(FileEntry entry, Publication.Published published);

        /** The version was found here. */
        void foundHere(FileEntry entry);

        /** The manifest no longer holds the version: perhaps it holds another one. */
        void gone(FileEntry entry);

        /** A file waits to be hashed. */
        void toVerify();

        /** The queue became shorter. */
        void roomMade();

        /** The storage is full. */
        void noSpace();

        /** The storage took something: it is not full. */
        void spaceUsed();
    }

    private final WorkerDesk desk;
    private final Scheduler scheduler;
    private final ActiveThreads active;
    private final LocalFiles files;
    private final ManifestView manifest;
    private final PullerPeers peers;
    private final MembersWatch members;
    private final NodeId self;
    private final Counters counters;
    private final NodeLog log;
    private final StepTimes times;
    private final Staging staging;
    private final Exchange exchange;
    private final Consequences consequences;

    PullWorker(PullerCore core, PullerPeers peers, MembersWatch members, Consequences consequences) {
        this.desk = core.desk();
        this.scheduler = core.scheduler();
        this.active = core.active();
        this.files = core.files();
        this.manifest = core.manifest();
        this.counters = core.counters();
        this.self = core.config().selfNodeId();
        this.peers = peers;
        this.members = members;
        this.consequences = consequences;
        this.times = core.times();
        this.log = core.log();
        this.staging = new Staging(files, manifest, counters, times, core.log());
        this.exchange = new Exchange(peers, staging, core);
    }

    /** Has a worker begin when there is work for one more; when it has taken some it calls the next. Never blocks. */
    void wake() {
        if (desk.callWorker() && !isAccepted(this::begin)) {
            desk.arrived();
            desk.release(null);
        }
    }

    /** Whether the scheduler takes the task; when it has too many, somebody looks for work again a little later. */
    private boolean isAccepted(Runnable task) {
        boolean accepted = scheduler.tryExecute(task);
        if (!accepted) {
            scheduler.schedule(Scheduler.WHEN_FULL, this::wake);
        }
        return accepted;
    }

    private void begin() {
        desk.arrived();
        workAfter(null);
    }

    private void workAfter(@Nullable Work done) {
        active.run(() -> {
            Work work = desk.nextOrRelease(done);
            if (work == null) {
                return;
            }
            try {
                wake(); // there may be more than this worker has taken
                perform(work);
            } finally {
                if (!isAccepted(() -> workAfter(work))) {
                    desk.release(work);
                }
            }
        });
    }

    private void perform(Work work) throws InterruptedException {
        if (work instanceof Work.Publish whole) {
            publish(whole.files());
        } else if (work instanceof Work.Fetch fetch) {
            consequences.roomMade();
            pull(fetch.pulls());
        }
    }

    // Pulling.

    private void pull(List<Pull> pulls) throws InterruptedException {
        List<PullAttempt> attempts = shareOnePeer(pulls);
        List<Work.Whole> whole = new ArrayList<>();
        try {
            List<PullAttempt> open = new ArrayList<>();
            for (PullAttempt attempt : attempts) {
                staging.prepare(attempt);
                if (attempt.hasEnded()) {
                    conclude(attempt, whole);
                } else {
                    open.add(attempt);
                }
            }
            while (!open.isEmpty()) {
                exchange.ask(open);
                open.removeIf(attempt -> {
                    boolean ended = attempt.hasEnded();
                    if (ended) {
                        conclude(attempt, whole);
                    }
                    return ended;
                });
                if (!open.isEmpty()) {
                    publishSoon(whole);
                    wake();
                }
            }
        } catch (RuntimeException e) {
            log.error(LOG, "a pull failed in a way that was not expected; it counts as a failed attempt", e);
            for (PullAttempt attempt : attempts) {
                if (!attempt.isConcluded()) {
                    attempt.keepStaged();
                    attempt.end(Verdict.RETRY, "an unexpected failure");
                    conclude(attempt, whole);
                }
            }
        } finally {
            for (PullAttempt attempt : attempts) {
                if (!attempt.isConcluded()) {
                    attempt.end(Verdict.STOPPED, "interrupted");
                    conclude(attempt, whole);
                }
            }
            // Nobody is woken for it: this worker is about to ask for work, and then wakes others if there is more.
            publishSoon(whole);
        }
    }

    /** Hands over what is whole, together, so that small files share what publishing costs. */
    private void publishSoon(List<Work.Whole> whole) {
        if (!whole.isEmpty()) {
            List<Work.Whole> files = List.copyOf(whole);
            whole.clear();
            desk.publishSoon(files).forEach(this::letGo);
            consequences.spaceUsed();
        }
    }

    /** Resolves the candidates; pulls that would begin at another peer than the first go back to the queue. */
    private List<PullAttempt> shareOnePeer(List<Pull> pulls) {
        List<PullAttempt> attempts = new ArrayList<>(pulls.size());
        List<Pull> others = new ArrayList<>();
        for (Pull pull : pulls) {
            PullAttempt attempt = new PullAttempt(pull, candidates(pull.entry()), log);
            if (attempts.isEmpty()
                    || Objects.equals(attempt.peer(), attempts.get(0).peer())) {
                attempts.add(attempt);
                times.waitedInQueue(pull);
            } else {
                others.add(pull);
            }
        }
        if (!others.isEmpty()) {
            desk.putBack(others, "begins at another peer");
        }
        return attempts;
    }

    private List<NodeId> candidates(FileEntry entry) {
        try {
            return peers.resolver().candidates(entry.originNodeId(), entry.path());
        } catch (RuntimeException e) {
            log.error(LOG, "the peer resolver failed for {}", entry.version(), e);
            return List.of();
        }
    }

    /** Acts on the verdict of an attempt; what is to be published is added to {@code whole}. */
    private void conclude(PullAttempt attempt, List<Work.Whole> whole) {
        Pull pull = attempt.pull();
        FileEntry entry = attempt.entry();
        noteAvailability(pull);
        attempt.concluded();
        switch (attempt.verdict()) {
            case PUBLISH -> whole.add(new Work.Whole(pull, attempt.giveStaged(), attempt.digests()));
            case HERE -> {
                counters.add(Count.SKIPPED_LOCAL);
                desk.end(pull, attempt.reason());
                consequences.foundHere(entry);
            }
            case GONE -> {
                attempt.discardStaged();
                gone(pull, attempt.reason());
            }
            case VERIFY -> {
                desk.toVerify(pull);
                consequences.toVerify();
            }
            case RETRY -> {
                attempt.keepStaged();
                desk.retry(pull, attempt.reason());
            }
            case RETRY_SOON -> {
                attempt.keepStaged();
                if (attempt.hadCandidates()) {
                    desk.retrySoon(pull, attempt.reason());
                } else {
                    desk.retryWithPeers(pull, attempt.reason());
                    members.foundNobody();
                }
            }
            case NO_SPACE -> {
                attempt.keepStaged();
                consequences.noSpace();
                desk.noRoom(pull);
            }
            case STOPPED -> {
                if (desk.hasEnded(pull)) {
                    attempt.discardStaged();
                } else {
                    attempt.keepStaged();
                    desk.retrySoon(pull, attempt.reason());
                }
            }
        }
    }

    private void noteAvailability(Pull pull) {
        desk.setUnavailable(pull, !pull.withoutFile.isEmpty() && isWithoutFile(members.members(), pull));
    }

    /** Whether there are members, and all but this node have said that they do not have it. */
    private boolean isWithoutFile(Set<NodeId> everybody, Pull pull) {
        Set<NodeId> others = new HashSet<>(everybody);
        others.remove(self);
        return !everybody.isEmpty() && pull.withoutFile.containsAll(others);
    }

    private void gone(Pull pull, String reason) {
        if (!desk.hasEnded(pull)) {
            counters.add(Count.SUPERSEDED);
            desk.end(pull, reason);
            consequences.gone(pull.entry());
        }
    }

    // Publishing.

    private void publish(List<Work.Whole> files) throws InterruptedException {
        List<Work.Whole> wanted = new ArrayList<>(files.size());
        for (Work.Whole file : files) {
            if (desk.hasEnded(file.pull())) {
                PullAttempt.discard(file.staged(), log);
            } else {
                wanted.add(file);
            }
        }
        if (wanted.isEmpty()) {
            return;
        }
        List<Outcome> outcomes = List.of();
        long begun = times.begin();
        try {
            outcomes = this.files.publishAll(
                    wanted.stream()
                            .map(file -> new LocalFiles.Whole(
                                    file.staged(), file.digests(), file.pull().entry()))
                            .toList(),
                    manifest);
        } catch (RuntimeException e) {
            log.error(LOG, "files could not be published in a way that was not expected; they are tried again", e);
        } finally {
            for (int i = 0; i < wanted.size(); i++) {
                wanted.get(i).staged().close();
                concludePublishing(
                        wanted.get(i).pull(), i < outcomes.size() ? outcomes.get(i) : new Outcome.NotBegun(), begun);
            }
        }
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while files were published");
        }
    }

    private void concludePublishing(Pull pull, Outcome outcome, long begun) {
        try {
            if (outcome instanceof Outcome.Decided decided) {
                if (decided.publication() instanceof Publication.Published) {
                    times.published(pull, begun);
                }
                decided(pull, decided.publication());
            } else if (outcome instanceof Outcome.Failed failed) {
                publishingFailed(pull, failed.reason());
            } else {
                desk.retry(pull, "publishing was interrupted or failed in a way that was not expected");
            }
        } catch (RuntimeException e) {
            log.error(
                    LOG,
                    "what became of {} could not be told to everybody",
                    pull.entry().version(),
                    e);
        }
    }

    private void publishingFailed(Pull pull, StorageException reason) {
        if (reason instanceof StorageFullException) {
            consequences.noSpace();
            desk.noRoom(pull);
        } else {
            counters.add(Count.STORAGE_FAILURE);
            log.failure(
                    LOG,
                    "{} could not be published; it is tried again",
                    pull.entry().version(),
                    reason);
            desk.retry(pull, "it could not be published");
        }
    }

    private void decided(Pull pull, Publication publication) {
        FileEntry entry = pull.entry();
        if (publication instanceof Publication.Published published) {
            countPublished(pull);
            desk.end(pull, "published");
            consequences.published(entry, published);
        } else if (publication instanceof Publication.Superseded) {
            gone(pull, "the manifest held another version when it was to be published");
        } else if (files.records(entry.version())) {
            desk.end(pull, "it was here already");
            consequences.foundHere(entry);
        } else {
            desk.retrySoon(pull, "the file here is newer than the manifest");
        }
    }

    private void countPublished(Pull pull) {
        boolean own = pull.entry().originNodeId().equals(self);
        counters.add(own && !pull.fromPeer ? Count.PUBLISHED_LOCAL : Count.PULLED);
        if (!own && pull.occasion() == Occasion.ANNOUNCED) {
            times.registeredToPublished(pull);
        }
    }

    /** Bytes that will not be published: of a version nobody wants they are deleted, at closing they stay. */
    void letGo(Work.Whole whole) {
        if (desk.hasEnded(whole.pull())) {
            PullAttempt.discard(whole.staged(), log);
        } else {
            whole.staged().close();
        }
    }
}
