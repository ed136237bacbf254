/** Storage that fails on purpose, and what every storage must pass. */
@NullMarked
package io.filereplication.storage;

import org.jspecify.annotations.NullMarked;
