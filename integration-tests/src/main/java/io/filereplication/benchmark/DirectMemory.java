package io.filereplication.benchmark;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.thirdparty.io.netty.buffer.PooledByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.util.internal.PlatformDependent;

/**
 * Watches this process's direct memory: what the JDK has given out and what Netty has taken beside it. Netty keeps a chunk that
 * it once took, so the peak is what was held and not only what was in use.
 */
final class DirectMemory implements AutoCloseable {
    private static final long INTERVAL_MILLIS = 2;

    private final AtomicLong peak = new AtomicLong();
    private final Thread sampler = new Thread(this::sample, "direct-memory");
    private volatile boolean closed;

    DirectMemory() {
        sampler.setDaemon(true);
        sampler.start();
    }

    private void sample() {
        while (!closed) {
            peak.accumulateAndGet(held(), Math::max);
            try {
                TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static long held() {
        long jdk = 0;
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            if (pool.getName().equals("direct")) {
                jdk = pool.getMemoryUsed();
            }
        }
        // Without a cleaner of its own Netty allocates through the JDK and is counted there.
        long netty = PlatformDependent.useDirectBufferNoCleaner()
                ? Math.max(
                        PlatformDependent.usedDirectMemory(),
                        PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory())
                : 0;
        return jdk + netty;
    }

    /** The most that was held since the last call. */
    long takePeak() {
        return peak.getAndSet(held());
    }

    @Override
    public void close() {
        closed = true;
        sampler.interrupt();
    }
}
