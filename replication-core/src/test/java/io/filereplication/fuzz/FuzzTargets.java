package io.filereplication.fuzz;

import io.filereplication.storage.RecordFuzz;
import io.filereplication.wire.WireFuzz;
import java.util.LinkedHashMap;
import java.util.Map;

/** Every target by its name, which is also that of its corpus below {@code src/test/resources/fuzz}. */
public final class FuzzTargets {
    private FuzzTargets() {}

    /** Targets with fresh state: what one input does is not felt by the next run. */
    public static Map<String, FuzzTarget> all() {
        Map<String, FuzzTarget> targets = new LinkedHashMap<>();
        targets.put("hello", WireFuzz::hello);
        targets.put("hello-answer", WireFuzz::helloAnswer);
        targets.put("request", WireFuzz::request);
        targets.put("request-items", WireFuzz::requestItems);
        targets.put("answer", WireFuzz::answer);
        targets.put("authentic-answer", WireFuzz::authenticAnswer);
        targets.put("server", WireFuzz::server);
        targets.put("client", WireFuzz::client);
        targets.put("path", WireFuzz::path);
        targets.put("secrets", WireFuzz::secrets);
        targets.put("records", RecordFuzz::records);
        targets.put("digests", RecordFuzz::digests);
        return targets;
    }
}
