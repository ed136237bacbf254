package io.filereplication.cli;

import io.filereplication.cli.control.proto.ControlProtocol.ProgressProto;
import io.filereplication.time.Ticker;

/** Shows that long work goes on: a bar on a terminal, a line now and then otherwise. */
interface Progress extends AutoCloseable {
    /** Shows nothing. */
    Progress NONE = (task, done, total, bytes) -> {};

    /** {@code done} of {@code total} (0: not known) bytes, or else files, of {@code task}. */
    void show(String task, long done, long total, boolean bytes);

    default void show(ProgressProto progress) {
        show(progress.getTask(), progress.getDone(), progress.getTotal(), progress.getBytes());
    }

    @Override
    default void close() {}

    /** What suits {@code streams}. */
    static Progress on(Streams streams) {
        return streams.terminal() ? new BarProgress(streams.err()) : new LineProgress(streams.err(), Ticker.system());
    }
}
