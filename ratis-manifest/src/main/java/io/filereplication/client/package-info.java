/**
 * Proposing: from a caller's operation to the manifest's answer, from any node and through changes of the leader.
 *
 * <p><b>Place in the flow:</b> before the log. {@link io.filereplication.client.ManifestClient} groups calls into log
 * entries and gives each its answer.
 *
 * <p><b>Invariant:</b> every call ends, within a bound, as done exactly once, as certainly not done, or as unknown with the id
 * by which it can be told later.
 */
@NullMarked
package io.filereplication.client;

import org.jspecify.annotations.NullMarked;
