package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.StorageException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes files whose content nothing proves, one after another on one lane, so that a node that lost its records reads its
 * disk instead of the network, and never with all its workers.
 */
final class Verification {
    private static final Logger LOG = LoggerFactory.getLogger(Verification.class);
    private static final long AS_FAST_AS_THE_DISK = 0;

    private final PullerCore core;
    private final PullWorker.Consequences consequences;
    private final Runnable onRoom;
    private final SerialTask lane;

    /** {@code onRoom} hears that the queue became shorter. */
    Verification(PullerCore core, PullWorker.Consequences consequences, Runnable onRoom) {
        this.core = core;
        this.consequences = consequences;
        this.onRoom = onRoom;
        this.lane = new SerialTask(core.scheduler(), core.active(), this::verifyOne);
    }

    /** Something waits to be hashed. Never blocks. */
    void request() {
        lane.request();
    }

    private void verifyOne() throws InterruptedException {
        WorkerDesk desk = core.desk();
        Pull pull = desk.nextToVerify();
        if (pull == null) {
            return;
        }
        onRoom.run();
        boolean decided = false;
        try {
            long begun = core.times().begin();
            LocalFiles.Presence presence = core.files().verify(pull.entry(), AS_FAST_AS_THE_DISK);
            core.times().verified(pull.entry().sizeBytes(), begun);
            decide(pull, presence);
            decided = true;
        } catch (StorageException e) {
            core.counters().add(Count.STORAGE_FAILURE);
            core.log()
                    .failure(
                            LOG,
                            "{} could not be verified, so it is pulled anew",
                            pull.entry().version(),
                            e);
            // What the disk cannot read is as good as rotten, for one attempt: until another copy is whole this one is
            // left
            // alone, and when no peer has one the disk is asked again.
            pull.hashedHere = true;
            pull.unreadable = true;
            doubtRecord(pull.entry());
        } finally {
            if (!decided) {
                desk.retry(pull, "the file here could not be verified");
            }
            lane.request();
        }
    }

    /** Or it would be taken for here at the next look. */
    private void doubtRecord(FileEntry entry) {
        try {
            if (core.files().records(entry.version())) {
                core.files().suspect(entry.version());
            }
        } catch (StorageException e) {
            core.counters().add(Count.STORAGE_FAILURE);
            core.log().failure(LOG, "the record of {} could not be marked as doubtful", entry.version(), e);
        }
    }

    private void decide(Pull pull, LocalFiles.Presence presence) throws StorageException {
        FileEntry entry = pull.entry();
        if (presence == LocalFiles.Presence.HERE) {
            core.desk().end(pull, "the file here is this version");
            consequences.foundHere(entry);
        } else {
            if (core.files().records(entry.version())) {
                core.files().suspect(entry.version()); // a record that says otherwise is wrong
            }
            pull.hashedHere = true;
            core.desk().putBack(List.of(pull), "the file here is something else");
        }
    }
}
