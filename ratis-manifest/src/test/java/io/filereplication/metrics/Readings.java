package io.filereplication.metrics;

import io.filereplication.NodeId;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Readings for tests: every number in them is another, so that one metric taken for another is noticed. Made by reflection,
 * so that a statistic that is added is in them.
 */
final class Readings {
    private final AtomicLong next;
    private final String peer;

    private Readings(long first, String peer) {
        this.next = new AtomicLong(first);
        this.peer = peer;
    }

    /** Numbers from {@code first} on, with the peer "n2" wherever peers are counted apart. */
    static Reading from(long first) {
        return from(first, "n2");
    }

    static Reading from(long first, String peer) {
        return new Readings(first, peer).fill(Reading.class);
    }

    /** Every number in {@code reading} by the names that lead to it; what is counted in buckets is not among them. */
    static Map<String, Long> numbers(Reading reading) {
        Map<String, Long> numbers = new TreeMap<>();
        collect("", reading, numbers);
        return numbers;
    }

    private static void collect(String where, Object value, Map<String, Long> numbers) {
        if (value instanceof Number number) {
            numbers.put(where, number.longValue());
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, each) -> collect(where + "." + key, each, numbers));
        } else if (value instanceof List<?> list) {
            list.forEach(each -> collect(where + "[]", each, numbers));
        } else if (value instanceof Record && !(value instanceof DurationCounts)) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                try {
                    component.getAccessor().setAccessible(true);
                    collect(
                            where + "." + component.getName(),
                            component.getAccessor().invoke(value),
                            numbers);
                } catch (ReflectiveOperationException e) {
                    throw new LinkageError(where + "." + component.getName(), e);
                }
            }
        }
    }

    private <R> R fill(Class<R> type) {
        try {
            RecordComponent[] components = type.getRecordComponents();
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<R> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            Object[] values = new Object[components.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = value(types[i], components[i].getGenericType());
            }
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("A " + type + " could not be made", e);
        }
    }

    private Object value(Class<?> type, Type generic) {
        if (type == long.class || type == Long.class) {
            return next.getAndIncrement();
        } else if (type == int.class) {
            return (int) next.getAndIncrement();
        } else if (type == boolean.class) {
            return true;
        } else if (type == DurationCounts.class) {
            DurationHistogram histogram = new DurationHistogram();
            histogram.addNanos(next.getAndIncrement());
            return histogram.counts();
        } else if (type == NodeId.class) {
            return NodeId.of(peer);
        } else if (type.isRecord()) {
            return type.getSimpleName().equals("StoppedBefore") ? null : fill(type);
        } else if (type == Map.class) {
            Type[] arguments = ((ParameterizedType) generic).getActualTypeArguments();
            Map<Object, Object> map = new HashMap<>();
            Object[] constants = ((Class<?>) arguments[0]).getEnumConstants();
            for (Object key : constants == null ? new Object[] {ofArgument(arguments[0])} : constants) {
                map.put(key, ofArgument(arguments[1]));
            }
            return map;
        } else if (type == List.class) {
            return List.of(ofArgument(((ParameterizedType) generic).getActualTypeArguments()[0]));
        }
        throw new AssertionError("No value is known for " + type);
    }

    private Object ofArgument(Type argument) {
        return value((Class<?>) argument, argument);
    }
}
