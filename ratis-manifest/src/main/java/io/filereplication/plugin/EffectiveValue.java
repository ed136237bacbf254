package io.filereplication.plugin;

import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;

/**
 * Reads one setting, and tells a log what is in effect, in the words of Ratis: {@code key = value (default)}. Not through Ratis's
 * {@code ConfUtils}, which remembers for the whole process what it has said, so that only the first of several nodes would say it.
 *
 * <p>A value that is not of its kind is refused with an {@link IllegalArgumentException} that names the key and the value.
 */
final class EffectiveValue {
    private EffectiveValue() {}

    static int number(RaftProperties properties, String key, int preset, Consumer<String> log) {
        return told(key, parsed(properties, key, "a number", () -> properties.getInt(key, preset)), preset, log);
    }

    static double share(RaftProperties properties, String key, double preset, Consumer<String> log) {
        return told(key, parsed(properties, key, "a number", () -> properties.getDouble(key, preset)), preset, log);
    }

    static boolean flag(RaftProperties properties, String key, boolean preset, Consumer<String> log) {
        String text = properties.getTrimmed(key);
        if (text != null && !text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
            throw refused(properties, key, "true or false", null);
        }
        return told(key, properties.getBoolean(key, preset), preset, log);
    }

    static TimeDuration time(RaftProperties properties, String key, TimeDuration preset, Consumer<String> log) {
        TimeDuration value = parsed(
                properties,
                key,
                "a duration such as 500ms, 30s, 5min or 7day",
                () -> properties.getTimeDuration(key, preset, preset.getUnit()));
        if (value.isNegative()) {
            throw new IllegalArgumentException(key + " is " + value + ", it must not be negative");
        }
        return told(key, value, preset, log);
    }

    static SizeInBytes size(RaftProperties properties, String key, SizeInBytes preset, Consumer<String> log) {
        return told(
                key,
                parsed(properties, key, "a size such as 500KB or 20MB", () -> properties.getSizeInBytes(key, preset)),
                preset,
                log);
    }

    /** Bytes a second; without a value there is no limit. */
    static OptionalLong limit(RaftProperties properties, String key, Consumer<String> log) {
        if (properties.get(key) == null) {
            log.accept(key + " = unlimited (default)");
            return OptionalLong.empty();
        }
        SizeInBytes unlimited = SizeInBytes.valueOf(Long.MAX_VALUE);
        return OptionalLong.of(size(properties, key, unlimited, log).getSize());
    }

    private static <T> T parsed(RaftProperties properties, String key, String kind, Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException e) {
            throw refused(properties, key, kind, e);
        }
    }

    private static IllegalArgumentException refused(
            RaftProperties properties, String key, String kind, @Nullable Throwable cause) {
        return new IllegalArgumentException(key + " is '" + properties.get(key) + "', which is not " + kind, cause);
    }

    private static <T> T told(String key, T value, T preset, Consumer<String> log) {
        log.accept(key + " = " + value + (Objects.equals(value, preset) ? " (default)" : " (custom)"));
        return value;
    }
}
