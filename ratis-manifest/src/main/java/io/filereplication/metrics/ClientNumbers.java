package io.filereplication.metrics;

/**
 * What this node has proposed to the group; a proposal is a log entry with the operations of many callers.
 *
 * @param proposals log entries sent to the leader, repetitions included
 * @param failures of them, those that were refused or got no answer
 * @param inFlight those that wait for an answer
 * @param latency from sent to answered, failures included
 */
public record ClientNumbers(long proposals, long failures, long inFlight, DurationCounts latency) {}
