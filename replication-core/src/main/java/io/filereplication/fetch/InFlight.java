package io.filereplication.fetch;

import io.filereplication.wire.AnswerReader;
import io.filereplication.wire.ClientSession;

/** A request under way: what was asked, in which session, and what reads the answer. */
record InFlight(RangePlan.Step step, ClientSession session, AnswerReader reader, PeerTransport.Answer answer)
        implements AutoCloseable {
    @Override
    public void close() {
        answer.close();
    }
}
