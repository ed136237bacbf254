package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.log.NodeLog;
import io.filereplication.storage.LocalFiles.Publication;
import io.filereplication.storage.LocalRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the application, outside every lock; what it throws is logged. Readiness is told in order, the last state always. */
final class Announcements {
    private static final Logger LOG = LoggerFactory.getLogger(Announcements.class);

    private final FileEvents events;
    private final NodeLog log;
    private boolean announcedReady;

    Announcements(FileEvents events, NodeLog log) {
        this.events = events;
        this.log = log;
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
            log.error(LOG, "the application failed to hear that {} is published", entry.version(), e);
        }
    }

    /** Called on one lane only. */
    void readiness(boolean ready) {
        if (ready == announcedReady) {
            return;
        }
        announcedReady = ready;
        if (ready) {
            log.info(LOG, "caught up: every registered file is here");
        } else {
            log.info(LOG, "not caught up any more: a snapshot was installed");
        }
        try {
            events.onReadinessChanged(ready);
        } catch (RuntimeException e) {
            log.error(LOG, "the application failed to hear that readiness is {}", ready, e);
        }
    }
}
