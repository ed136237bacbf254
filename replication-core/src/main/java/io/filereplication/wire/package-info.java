/**
 * The wire protocol, sans-IO: requests, acknowledgements, frames and trailers as bytes, the sessions that authenticate
 * them, and the replay guard. Bytes in; bytes and decisions out.
 *
 * <p><b>Place in the flow:</b> under {@code fetch} and {@code serve}, which do the waiting. The client's way through it is
 * {@link io.filereplication.wire.ClientHandshake}, {@link io.filereplication.wire.ClientSession},
 * {@link io.filereplication.wire.AnswerReader}; the server's {@link io.filereplication.wire.ServerSessions},
 * {@link io.filereplication.wire.ProvenRequest}, {@link io.filereplication.wire.AnswerSealer}. Layouts are
 * drawn where messages are written, and in docs/protocol.md.
 *
 * <p><b>Invariant:</b> no field of a message is acted upon before the MAC over all of it was verified, and no length is
 * believed before it was bounded.
 */
@NullMarked
package io.filereplication.wire;

import org.jspecify.annotations.NullMarked;
