/**
 * A node's own disk: bytes that are staged, verified, published and removed, and the durable record of what is here.
 *
 * <p><b>Place in the flow:</b> the end of a pull ({@code stage, verify, fsync, manifest still agrees?, rename}), the
 * beginning of a serve, and where a put stages its bytes. Below {@code pull}, {@code fetch} and {@code serve}.
 *
 * <p><b>Inside:</b> {@link io.filereplication.storage.RecordedFiles} is what the other rooms use; it decides by version,
 * manifest and record. {@link io.filereplication.storage.StorageBackend} moves bytes and knows none of these. A
 * publication is: bytes fsynced, intent fsynced in the record log, rename, both changed directories fsynced, record. The intent
 * tells after a crash whether the rename was done, because a rename keeps the stamp. Whatever else is lost of the records
 * leaves one whose stamp does not fit its file any more, and costs a re-hash. A put has no record: a description lies beside its
 * bytes, which may be the only ones of a registered file.
 *
 * <p><b>Invariant:</b> a name below the root outside {@code .filereplication} is only ever given to a whole, verified and
 * fsynced file of a version that the manifest held at that moment; a registered name that has a file is never without one; and
 * nothing is removed unless a record says which version it was.
 */
@NullMarked
package io.filereplication.storage;

import org.jspecify.annotations.NullMarked;
