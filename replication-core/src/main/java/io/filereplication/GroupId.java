package io.filereplication;

import java.util.Locale;
import java.util.UUID;

/** The Raft group whose log a manifest lives in. Every version, session and local record belongs to exactly one. */
public record GroupId(UUID value) {
    /** Parses the text form of a UUID. */
    public static GroupId of(String uuid) {
        return new GroupId(UUID.fromString(uuid));
    }

    /** As Ratis names it in its logs: {@code group-} and the last twelve digits. */
    public String shortName() {
        String digits = value.toString().toUpperCase(Locale.ROOT);
        return "group-" + digits.substring(digits.lastIndexOf('-') + 1);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
