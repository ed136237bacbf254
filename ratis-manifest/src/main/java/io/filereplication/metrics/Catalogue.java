package io.filereplication.metrics;

import java.util.List;
import java.util.stream.Stream;

/** Every metric of a group, in the order in which they are shown. */
public final class Catalogue {
    private static final List<Metric> ALL = Stream.of(
                    ReadinessMetrics.ALL, PullMetrics.ALL, ServeMetrics.ALL, ManifestMetrics.ALL, ClientMetrics.ALL)
            .flatMap(List::stream)
            .toList();

    private Catalogue() {}

    /** All of them; no two have the same name. */
    public static List<Metric> all() {
        return ALL;
    }
}
