package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.LocalRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the application, outside every lock; what it throws is logged. Readiness is told in order, the last state always. */
final class Announcements {
    private static final Logger LOG = LoggerFactory.getLogger(Announcements.class);

    private final FileEvents events;
    private boolean announcedReady;

    Announcements(FileEvents events) {
        this.events = events;
    }

    void published(FileEntry entry, Publication.Published publication) {
        LocalRecord replaced = publication.replaced();
        try {
            if (replaced == null) {
                events.onPublished(entry);
            } else {
                events.onReplaced(replaced, entry);
            }
        } catch (RuntimeException e) {
            LOG.error("The application failed to hear that {} is published", entry.version(), e);
        }
    }

    /** Called on one lane only. */
    void readiness(boolean ready) {
        if (ready == announcedReady) {
            return;
        }
        announcedReady = ready;
        LOG.info(
                "{}",
                ready
                        ? "Caught up: every registered file is here"
                        : "Not caught up any more: a snapshot was installed");
        try {
            events.onReadinessChanged(ready);
        } catch (RuntimeException e) {
            LOG.error("The application failed to hear that readiness is {}", ready, e);
        }
    }
}
