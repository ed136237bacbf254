/**
 * What an operator sees of a group on one node, in numbers.
 *
 * <p><b>Place in the flow:</b> beside it. {@code plugin} gives a {@link io.filereplication.metrics.Reading} of the typed
 * statistics of all parts whenever one is asked for; {@link io.filereplication.metrics.Catalogue} says which metrics these
 * are, what each means and when it matters; {@link io.filereplication.metrics.GroupMetrics} registers them with Ratis's
 * metrics and thereby with JMX; {@link io.filereplication.metrics.PrometheusText} writes them for Prometheus.
 *
 * <p><b>Invariant:</b> a metric has one name, everywhere, and whatever is counted anywhere is a metric. Nothing is counted
 * here that another part knows, and nobody waits for a metric: readings are at most half a second old and taken at most
 * that often, however many ask.
 *
 * <p><b>Neighbours:</b> reads {@code pull}, {@code serve}, {@code manifest} and {@code client}; is put together by {@code
 * plugin}, and shown by {@code http}.
 */
@NullMarked
package io.filereplication.metrics;

import org.jspecify.annotations.NullMarked;
