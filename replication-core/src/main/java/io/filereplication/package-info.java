/**
 * The words of the project as validated, immutable values: what a file is ({@link io.filereplication.FileEntry}), which
 * content of it ({@link io.filereplication.FileVersion}), and how a node sees the manifest
 * ({@link io.filereplication.ManifestView}, {@link io.filereplication.ManifestListener}).
 *
 * <p><b>Place in the flow:</b> the first room. Every other package depends on this one and it depends on none of them.
 *
 * <p><b>Invariant:</b> a value that exists is valid. Nothing behind a constructor checks a path, a digest or a bound again.
 */
@NullMarked
package io.filereplication;

import org.jspecify.annotations.NullMarked;
