/**
 * The puller: from a registered entry to the published file, whatever fails on the way.
 *
 * <p><b>Place in the flow:</b> hears the manifest, asks {@code fetch} for bytes, hands them to {@code storage}.
 * {@link io.filereplication.pull.Puller} is the way in, {@code Intake} for what is applied; {@code PullTable} holds every pull under one short lock
 * ({@code WorkQueue}: those that wait for a worker, in a {@code Lane} for each kind; {@code WaitingRoom}: for their next try);
 * {@code PullBoard} and {@code WorkerDesk} are its two sides;
 * {@code PullWorker} makes attempts ({@code Staging}: the own disk, {@code Exchange}: the peers) and publishes;
 * {@code CatchUpWalk} compares manifest and disk; {@code Removals}, {@code Verification} and {@code Scrub} are lanes of
 * their own; {@code Readiness} says what all of that amounts to.
 *
 * <p><b>Threads:</b> the apply thread, the timer and foreign callbacks only note and ask; everything that does I/O is a task
 * of the {@link io.filereplication.time.Scheduler}. Lock order: table, readiness, walk triggers, scheduler; none is
 * held across I/O or a callback of the application.
 *
 * <p><b>Invariant:</b> the manifest is the truth and the disk a cache of it: whatever is dropped from memory is found again
 * by a walk, and nothing is published or removed without looking at the manifest again.
 */
@NullMarked
package io.filereplication.pull;

import org.jspecify.annotations.NullMarked;
