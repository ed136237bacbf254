package io.filereplication;

import java.util.UUID;

/** The Raft group whose log a manifest lives in. Every version, session and local record belongs to exactly one. */
public record GroupId(UUID value) {
    /** Parses the text form of a UUID. */
    public static GroupId of(String uuid) {
        return new GroupId(UUID.fromString(uuid));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
