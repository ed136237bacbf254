package io.filereplication;

import java.nio.charset.CharacterCodingException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an application says about a file: database, measurement, partition time, tier. Sorted by key and immutable.
 *
 * <p>At most {@value #MAX_COUNT}; a key has 1 to {@value #MAX_KEY_BYTES} UTF-8 bytes, a value at most
 * {@value #MAX_VALUE_BYTES}, all together at most {@value #MAX_TOTAL_BYTES}.
 */
public record Attributes(SortedMap<String, String> asMap) {
    public static final int MAX_COUNT = 16;
    public static final int MAX_KEY_BYTES = 64;
    public static final int MAX_VALUE_BYTES = 256;
    public static final int MAX_TOTAL_BYTES = 2_048;
    /** No attributes. */
    public static final Attributes NONE = new Attributes(Collections.emptySortedMap());

    public Attributes {
        if (asMap.size() > MAX_COUNT) {
            throw new IllegalArgumentException(asMap.size() + " attributes, the limit is " + MAX_COUNT);
        }
        int total = 0;
        for (Map.Entry<String, String> attribute : asMap.entrySet()) {
            total += bytes("key", attribute.getKey(), 1, MAX_KEY_BYTES);
            total += bytes("value of " + Utf8.printable(attribute.getKey()), attribute.getValue(), 0, MAX_VALUE_BYTES);
        }
        if (total > MAX_TOTAL_BYTES) {
            throw new IllegalArgumentException(
                    "Attributes of " + total + " UTF-8 bytes, the limit is " + MAX_TOTAL_BYTES);
        }
        asMap = Collections.unmodifiableSortedMap(new TreeMap<>(asMap));
    }

    /** The attributes in {@code map}; throws {@link IllegalArgumentException} naming the one that breaks a bound. */
    public static Attributes of(Map<String, String> map) {
        return map.isEmpty() ? NONE : new Attributes(new TreeMap<>(map));
    }

    private static int bytes(String what, String text, int min, int max) {
        try {
            int bytes = Utf8.encode(text).length;
            if (bytes < min || bytes > max) {
                throw new IllegalArgumentException("Attribute " + what + " '" + Utf8.printable(text) + "' has " + bytes
                        + " UTF-8 bytes, allowed are " + min + " to " + max);
            }
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "Attribute " + what + " '" + Utf8.printable(text) + "' is not well-formed Unicode", e);
        }
    }

    public boolean isEmpty() {
        return asMap.isEmpty();
    }
}
