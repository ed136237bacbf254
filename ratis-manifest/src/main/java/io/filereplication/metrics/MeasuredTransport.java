package io.filereplication.metrics;

import io.filereplication.client.ManifestTransport;
import io.filereplication.time.Ticker;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** Counts the proposals that go through another transport, and takes their time. */
public final class MeasuredTransport implements ManifestTransport {
    private final ManifestTransport transport;
    private final Ticker ticker;
    private final LongAdder proposals = new LongAdder();
    private final LongAdder answers = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final DurationHistogram latency = new DurationHistogram();

    /** What goes through {@code transport}, which is closed with this. */
    public MeasuredTransport(ManifestTransport transport, Ticker ticker) {
        this.transport = transport;
        this.ticker = ticker;
    }

    @Override
    public CompletableFuture<ByteString> propose(ByteString entry) {
        long begin = ticker.nanoTime();
        proposals.increment();
        CompletableFuture<ByteString> answer;
        try {
            answer = transport.propose(entry);
        } catch (RuntimeException | Error e) {
            ended(begin, true);
            throw e;
        }
        var unused = answer.whenComplete((reply, failure) -> ended(begin, failure != null));
        return answer;
    }

    private void ended(long begin, boolean failed) {
        latency.addNanos(ticker.nanoTime() - begin);
        if (failed) {
            failures.increment();
        }
        answers.increment();
    }

    @Override
    public CompletableFuture<ByteString> ask(ByteString query) {
        return transport.ask(query);
    }

    /** What went through so far. */
    public ClientNumbers numbers() {
        long answered = answers.sum(); // first: more may be sent meanwhile, but none is answered that was not sent
        long sent = proposals.sum();
        return new ClientNumbers(sent, failures.sum(), Math.max(0, sent - answered), latency.counts());
    }

    @Override
    public void close() {
        transport.close();
    }
}
