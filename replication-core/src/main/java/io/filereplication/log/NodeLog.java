package io.filereplication.log;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.time.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The log of one group on one node. Each line begins with both, as Ratis writes them: {@code n1@group-0123456789AB: ...}.
 *
 * <p>A change of state is written each time. A failure is written when it occurs first; while it goes on, it is only counted,
 * and once in {@link #SUMMARY_INTERVAL} another one is written with how many there were in between. Those in between are
 * written at DEBUG. Failures are told apart by their text without its arguments.
 *
 * <p>Thread-safe; no lock is held while a line is written.
 */
public final class NodeLog {
    /** Between two lines about the same failure. */
    public static final Duration SUMMARY_INTERVAL = Duration.ofMinutes(1);

    private final String name;
    private final Ticker ticker;
    /** By the text of the failure, of which there are as many as places in the code. */
    private final Map<String, Repeated> repeated = new ConcurrentHashMap<>();

    private NodeLog(String name, Ticker ticker) {
        this.name = name;
        this.ticker = ticker;
    }

    /** The log of {@code group} on {@code node}; of the node alone when the group is not known. */
    public static NodeLog of(NodeId node, @Nullable GroupId group, Ticker ticker) {
        return new NodeLog(group == null ? node.toString() : node + "@" + group.shortName(), ticker);
    }

    /** The log of {@code group} where it is not known which node this is. */
    public static NodeLog of(GroupId group, Ticker ticker) {
        return new NodeLog(group.shortName(), ticker);
    }

    /** The state has changed. */
    public void info(Logger logger, String text, @Nullable Object... arguments) {
        logger.info("{}: " + text, prefixed(arguments));
    }

    /** The state has changed, and somebody should look. */
    public void warn(Logger logger, String text, @Nullable Object... arguments) {
        logger.warn("{}: " + text, prefixed(arguments));
    }

    /** Something that is expected to fail now and then has failed, and is dealt with. */
    public void failure(Logger logger, String text, @Nullable Object... arguments) {
        int before = repeated(text);
        if (before == SILENT) {
            logger.debug("{}: " + text, prefixed(arguments));
        } else {
            logger.warn("{}: " + text + summary(before), prefixed(arguments));
        }
    }

    /** Something has failed that should not: an application's code, this code, or what it relies on. */
    public void error(Logger logger, String text, @Nullable Object... arguments) {
        int before = repeated(text);
        if (before == SILENT) {
            logger.debug("{}: " + text, prefixed(arguments));
        } else {
            logger.error("{}: " + text + summary(before), prefixed(arguments));
        }
    }

    private static final int SILENT = -1;

    /** How many were not written before this one; {@link #SILENT} when this one is not written either. */
    private int repeated(String text) {
        return repeated.computeIfAbsent(text, key -> new Repeated()).occurred(ticker.nanoTime());
    }

    private static String summary(int before) {
        return before == 0 ? "" : " (and " + before + " more of the kind since this was last said)";
    }

    private @Nullable Object[] prefixed(@Nullable Object[] arguments) {
        @Nullable Object[] more = new @Nullable Object[arguments.length + 1];
        more[0] = name;
        System.arraycopy(arguments, 0, more, 1, arguments.length);
        return more;
    }

    /** What every line begins with. */
    @Override
    public String toString() {
        return name;
    }

    /** One kind of failure. */
    private static final class Repeated {
        private boolean hasOccurred;
        private long writtenAt;
        private int silent;

        synchronized int occurred(long now) {
            if (hasOccurred && now - writtenAt < SUMMARY_INTERVAL.toNanos()) {
                silent++;
                return SILENT;
            }
            hasOccurred = true;
            writtenAt = now;
            int before = silent;
            silent = 0;
            return before;
        }
    }
}
