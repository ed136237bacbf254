package io.filereplication.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.time.ManualScheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** Whose a line is, and how often a failure is said. */
class NodeLogTest {
    private static final GroupId GROUP = GroupId.of("89f11a74-f86c-43b1-84e7-b122a15b5383");

    private final ManualScheduler time = new ManualScheduler();
    private final List<String> lines = new ArrayList<>();
    private final Logger logger = new Listening(lines::add);
    private final NodeLog log = NodeLog.of(NodeId.of("n1"), GROUP, time);

    @Test
    void everyLineBeginsWithNodeAndGroupAsRatisWritesThem() {
        log.info(logger, "begins at {}", 5);
        log.warn(logger, "is full");
        log.failure(logger, "{} failed", "a");
        log.error(logger, "broken", new IllegalStateException("why"));

        assertThat(lines)
                .containsExactly(
                        "INFO n1@group-B122A15B5383: begins at 5",
                        "WARN n1@group-B122A15B5383: is full",
                        "WARN n1@group-B122A15B5383: a failed",
                        "ERROR n1@group-B122A15B5383: broken java.lang.IllegalStateException: why");
    }

    @Test
    void whereTheGroupOrTheNodeIsNotKnownTheOtherIsNamed() {
        NodeLog.of(NodeId.of("n1"), null, time).info(logger, "x");
        NodeLog.of(GROUP, time).info(logger, "x");

        assertThat(lines).containsExactly("INFO n1: x", "INFO group-B122A15B5383: x");
    }

    @Test
    void aFailureThatGoesOnIsSaidOnceAMinuteWithHowManyThereWere() {
        for (int i = 0; i < 1_000; i++) {
            log.failure(logger, "{} failed", i);
        }
        time.advance(NodeLog.SUMMARY_INTERVAL);
        log.failure(logger, "{} failed", "another");
        time.advance(NodeLog.SUMMARY_INTERVAL);
        log.failure(logger, "{} failed", "a third");

        assertThat(lines)
                .filteredOn(line -> !line.startsWith("DEBUG"))
                .containsExactly(
                        "WARN n1@group-B122A15B5383: 0 failed",
                        "WARN n1@group-B122A15B5383: another failed (and 999 more of the kind since this was last said)",
                        "WARN n1@group-B122A15B5383: a third failed");
        assertThat(lines).contains("DEBUG n1@group-B122A15B5383: 999 failed");
    }

    @Test
    void differentFailuresAreSaidEach() {
        log.failure(logger, "{} failed", "a");
        log.failure(logger, "{} was lost", "a");
        log.error(logger, "{} broke", "a");

        assertThat(lines).hasSize(3).noneMatch(line -> line.startsWith("DEBUG"));
    }

    @Test
    void changesOfStateAreSaidEachTime() {
        log.info(logger, "full");
        log.info(logger, "full");

        assertThat(lines).hasSize(2);
    }

    /** Hands on each line with its level; everything is enabled. */
    private static final class Listening extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1;
        private final transient Consumer<String> heard;

        Listening(Consumer<String> heard) {
            this.heard = heard;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level, Marker marker, String text, Object[] arguments, Throwable failure) {
            String message = MessageFormatter.basicArrayFormat(text, arguments);
            heard.accept(level + " " + message + (failure == null ? "" : " " + failure));
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return NodeLog.class.getName();
        }

        @Override
        public boolean isTraceEnabled() {
            return true;
        }

        @Override
        public boolean isDebugEnabled() {
            return true;
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }
    }
}
