/**
 * The wire carried over Ratis's data stream: {@link io.filereplication.stream.DataStreamTransport} sends a request with
 * {@code DataStreamClient.streamReadOnly} and reads the answer, {@code DataStreamServing} receives
 * it through {@code RaftServerConfigKeys.DataStream.setServerApiResolver} and hands it to a
 * {@link io.filereplication.serve.FileServer}.
 *
 * <p><b>Place in the flow:</b> the double line between fetcher and server. <b>Invariant:</b> it moves messages and keeps
 * their order and boundaries; it believes and decides nothing about their content, and nothing it does can hold up a Ratis
 * event loop.
 */
@NullMarked
package io.filereplication.stream;

import org.jspecify.annotations.NullMarked;
