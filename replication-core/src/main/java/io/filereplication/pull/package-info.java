/**
 * The puller: from a registered entry to the published file, whatever fails on the way.
 *
 * <p><b>Place in the flow:</b> hears the manifest, asks {@code fetch} for bytes, hands them to {@code storage}.
 *
 * <p><b>Invariant:</b> the manifest is the truth and the disk a cache of it: whatever is dropped from memory is found again
 * by a walk, and nothing is published or removed without looking at the manifest again.
 */
@NullMarked
package io.filereplication.pull;

import org.jspecify.annotations.NullMarked;
