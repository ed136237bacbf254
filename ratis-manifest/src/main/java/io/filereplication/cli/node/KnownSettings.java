package io.filereplication.cli.node;

import io.filereplication.plugin.FileReplicationConfigKeys;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which settings there are, so that one that is mistyped is not taken for one that was not given. */
final class KnownSettings {
    private static final String KEY_SUFFIX = "_KEY";
    private static final String REPLICATION = FileReplicationConfigKeys.PREFIX + ".";
    private static final String RATIS = "raft.";
    private static final Set<String> OF_REPLICATION = replicationKeys();

    private KnownSettings() {}

    /** Whether {@code key} may be given, as far as can be told: what Ratis knows only Ratis knows. */
    static boolean has(String key) {
        return NodeSettings.KNOWN.contains(key) || OF_REPLICATION.contains(key) || key.startsWith(RATIS);
    }

    /** Those that {@code key} may have been meant to be. */
    static String candidates(String key) {
        if (key.startsWith(REPLICATION)) {
            int part = key.indexOf('.', REPLICATION.length());
            List<String> beside = OF_REPLICATION.stream()
                    .filter(known -> part > 0 && known.startsWith(key.substring(0, part)))
                    .toList();
            return "known are " + (beside.isEmpty() ? OF_REPLICATION : beside);
        }
        return "known are " + new TreeSet<>(NodeSettings.KNOWN) + ", those of " + REPLICATION + "* and those of Ratis, "
                + RATIS + "*";
    }

    /** The constants of the class that has them all. */
    private static Set<String> replicationKeys() {
        Set<String> keys = new TreeSet<>();
        add(FileReplicationConfigKeys.class, keys);
        for (Class<?> part : FileReplicationConfigKeys.class.getClasses()) {
            add(part, keys);
        }
        return keys;
    }

    private static void add(Class<?> owner, Set<String> keys) {
        try {
            for (Field field : owner.getDeclaredFields()) {
                if (field.getName().endsWith(KEY_SUFFIX)) {
                    keys.add((String) field.get(null));
                }
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("The constants of " + owner + " are public", e);
        }
    }
}
