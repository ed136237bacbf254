/** Doubles for fetching and serving in one thread over virtual time: a scheduler, a manifest, files and a network in memory. */
@NullMarked
package io.filereplication.loopback;

import org.jspecify.annotations.NullMarked;
