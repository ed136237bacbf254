package io.filereplication.cli;

import io.filereplication.FileEntry;
import java.util.LinkedHashMap;
import java.util.Map;

/** Entries of the manifest for people and for scripts. */
final class Entries {
    private Entries() {}

    static Map<String, Object> json(FileEntry entry) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("path", entry.path().value());
        json.put("size_bytes", entry.sizeBytes());
        json.put("sha256", entry.sha256().hex());
        json.put("origin", entry.originNodeId().value());
        json.put("created_at", entry.createdAt().toString());
        json.put("attributes", entry.attributes().asMap());
        json.put("version", entry.contentLsn().toString());
        json.put("lsn", entry.lsn().toString());
        return json;
    }
}
