/**
 * Getting bytes of a version from a peer: the port that the puller calls ({@link io.filereplication.fetch.Fetcher}), the
 * order in which peers are asked ({@link io.filereplication.fetch.PeerResolver}), the reasons for which it fails, each a
 * type that says what to do next, and the implementation over authenticated sessions and a
 * {@link io.filereplication.fetch.PeerTransport}.
 *
 * <p><b>Place in the flow:</b> between {@code pull}, which decides what to fetch and when, and the wire.
 *
 * <p><b>Invariant:</b> bytes reach a staged file only after the frame that carries them was authenticated and its chunk
 * matched the prefix digest that the frame's tag covers.
 */
@NullMarked
package io.filereplication.fetch;

import org.jspecify.annotations.NullMarked;
