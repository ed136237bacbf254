package io.filereplication.benchmark;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.thirdparty.io.netty.buffer.PooledByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.util.internal.PlatformDependent;

/**
 * Watches this process's memory: the direct memory that the JDK has given out and that Netty has taken beside it, and the used
 * heap. Netty keeps a chunk that it once took, and the heap holds what no collection has found yet; so the peaks are what was
 * held and not only what was in use.
 */
final class MemoryPeaks implements AutoCloseable {
    private static final long INTERVAL_MILLIS = 5;

    private final BufferPoolMXBean directPool = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .findFirst()
            .orElseThrow();
    private final AtomicLong direct = new AtomicLong();
    private final AtomicLong heap = new AtomicLong();
    private final Thread sampler = new Thread(this::sample, "memory-peaks");
    private volatile boolean closed;

    /** Bytes. */
    record Peaks(long direct, long heap) {
        static Peaks parse(String text) {
            String[] numbers = text.split(" ", -1);
            return new Peaks(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
        }

        @Override
        public String toString() {
            return direct + " " + heap;
        }
    }

    MemoryPeaks() {
        sampler.setDaemon(true);
        sampler.start();
    }

    private void sample() {
        while (!closed) {
            direct.accumulateAndGet(heldDirect(), Math::max);
            heap.accumulateAndGet(heldHeap(), Math::max);
            try {
                TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static long heldHeap() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private long heldDirect() {
        long jdk = directPool.getMemoryUsed();
        // Without a cleaner of its own Netty allocates through the JDK and is counted there.
        long netty = PlatformDependent.useDirectBufferNoCleaner()
                ? Math.max(
                        PlatformDependent.usedDirectMemory(),
                        PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory())
                : 0;
        return jdk + netty;
    }

    /** The most that was held since the last call. */
    Peaks take() {
        return new Peaks(direct.getAndSet(heldDirect()), heap.getAndSet(heldHeap()));
    }

    @Override
    public void close() {
        closed = true;
        sampler.interrupt();
    }
}
