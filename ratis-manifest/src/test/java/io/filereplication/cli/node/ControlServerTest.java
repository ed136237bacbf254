package io.filereplication.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.time.Scheduler;
import io.filereplication.time.ThreadScheduler;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections of commands, whatever becomes of one of them. */
@Timeout(30)
class ControlServerTest {
    @TempDir
    Path directory;

    /** Refuses the second task, which is the first connection. */
    private static final class RefusesOnce implements Scheduler {
        private final Scheduler real = new ThreadScheduler("control-test", 3);
        private final AtomicInteger tasks = new AtomicInteger();

        @Override
        public void execute(Runnable task) {
            if (tasks.incrementAndGet() == 2) {
                throw new RejectedExecutionException("expected by the test");
            }
            real.execute(task);
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
            return real.schedule(delay, task);
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            real.sleep(duration);
        }

        @Override
        public long nanoTime() {
            return real.nanoTime();
        }

        @Override
        public void close() {
            real.close();
        }
    }

    @Test
    void aConnectionThatNoWorkerHasRoomForIsHungUpOnAndTheNextIsServed() throws Exception {
        Path path = directory.resolve("s");
        try (ControlServer server = ControlServer.listen(
                        path, "test", new RefusesOnce(), connection -> connection.write(ByteBuffer.wrap(new byte[7])));
                SocketChannel refused = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            assertThat(refused.read(ByteBuffer.allocate(10)))
                    .as("%s hung up", server)
                    .isEqualTo(-1);

            for (int i = 0; i <= ControlServer.CONNECTIONS; i++) {
                try (SocketChannel served = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                    assertThat(served.read(ByteBuffer.allocate(10))).isEqualTo(7);
                    assertThat(served.read(ByteBuffer.allocate(10))).isEqualTo(-1);
                }
            }
        }
    }
}
