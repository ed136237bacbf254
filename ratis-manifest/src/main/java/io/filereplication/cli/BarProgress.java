package io.filereplication.cli;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar for each task, drawn again in its place. For one thread. */
final class BarProgress implements Progress {
    private static final int COLUMNS = 100;
    private static final int UPDATE_MILLIS = 200;
    private static final long MEBI = 1 << 20;

    private final PrintStream err;
    private @Nullable ProgressBar bar;
    private String shown = "";

    BarProgress(PrintStream err) {
        this.err = err;
    }

    @Override
    public void show(String task, long done, long total, boolean bytes) {
        ProgressBar current = bar;
        if (current == null || !shown.equals(task)) {
            close();
            ProgressBarBuilder builder = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(UPDATE_MILLIS)
                    .setInitialMax(Math.max(0, total))
                    .setConsumer(new ConsoleProgressBarConsumer(err, COLUMNS));
            if (bytes) {
                builder.setUnit(" MiB", MEBI);
            }
            current = builder.build();
            bar = current;
            shown = task;
        }
        if (total > 0) {
            current.maxHint(total);
        }
        current.stepTo(done);
    }

    @Override
    public void close() {
        ProgressBar last = bar;
        if (last != null) {
            last.close();
            bar = null;
        }
    }
}
