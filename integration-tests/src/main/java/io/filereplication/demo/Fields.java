package io.filereplication.demo;

import java.math.BigInteger;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Named values of a {@link Message}: immutable, sorted by name. A name has no {@code =}; a value is any text. */
record Fields(SortedMap<String, String> values) {
    static final Fields NONE = new Fields(Collections.emptySortedMap());

    Fields {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
        for (String name : values.keySet()) {
            if (name.isEmpty() || name.indexOf('=') >= 0) {
                throw new IllegalArgumentException("'" + name + "' cannot name a field");
            }
        }
    }

    /** These fields and one more, or another value for it. */
    Fields with(String name, Object value) {
        SortedMap<String, String> more = new TreeMap<>(values);
        more.put(name, value.toString());
        return new Fields(more);
    }

    /** These fields and {@code others}, which win. */
    Fields with(Fields others) {
        SortedMap<String, String> more = new TreeMap<>(values);
        more.putAll(others.values);
        return new Fields(more);
    }

    String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("Field '" + name + "' is missing, there are " + values.keySet());
        }
        return value;
    }

    long number(String name) {
        return Long.parseLong(text(name));
    }

    BigInteger integer(String name) {
        return new BigInteger(text(name));
    }

    boolean flag(String name) {
        return Boolean.parseBoolean(text(name));
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    static Fields of(Map<String, String> values) {
        return new Fields(new TreeMap<>(values));
    }
}
