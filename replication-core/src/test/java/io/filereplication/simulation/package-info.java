/**
 * Deterministic simulation: several nodes' pullers, servers, storages and manifests over virtual time and one seed.
 *
 * <p><b>How it works:</b> production code blocks, so each of its tasks has a thread; but exactly one thread runs at any
 * moment ({@link io.filereplication.simulation.Kernel}). Every call to a port is a step at which the kernel may let somebody
 * else go on, and time moves only when nobody can. Who goes on, how long things take and what fails is drawn from the seed.
 *
 * <p><b>Invariant:</b> the same seed gives the same trace. So nothing here, and nothing that it runs, may read a clock, draw
 * randomness, start a thread or wait for another one except through the ports of {@code time}; a lock that is held across
 * such a step would stop the simulation, which then says who holds what.
 *
 * <p><b>Who checks:</b> {@link io.filereplication.simulation.Checks} looks at disks and manifests with its own eyes and its
 * own book of what was registered, never at what the code under test believes.
 */
@NullMarked
package io.filereplication.simulation;

import org.jspecify.annotations.NullMarked;
