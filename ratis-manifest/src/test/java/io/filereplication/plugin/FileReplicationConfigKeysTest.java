package io.filereplication.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each key has a default, a getter and a setter, and they are of the same setting. */
class FileReplicationConfigKeysTest {
    private static final Map<Class<?>, Object> OTHERS = Map.of(
            int.class,
            77,
            double.class,
            0.77,
            TimeDuration.class,
            TimeDuration.valueOf(77, TimeUnit.SECONDS),
            SizeInBytes.class,
            SizeInBytes.valueOf("77KB"));

    /** A key by its constant, such as {@code WORKERS} of {@code Pull}. */
    record Setting(Class<?> owner, String constant) {
        Object value(String suffix) throws ReflectiveOperationException {
            return owner.getField(constant + suffix).get(null);
        }

        /** {@code BACKOFF_INITIAL} is read by {@code backoffInitial}. */
        Method getter() throws ReflectiveOperationException {
            String[] words = constant.toLowerCase(Locale.ROOT).split("_", -1);
            StringBuilder name = new StringBuilder(words[0]);
            for (int i = 1; i < words.length; i++) {
                name.append(Character.toUpperCase(words[i].charAt(0))).append(words[i].substring(1));
            }
            return owner.getMethod(name.toString(), RaftProperties.class, Consumer.class);
        }

        Method setter() throws ReflectiveOperationException {
            String getter = getter().getName();
            String name = "set" + Character.toUpperCase(getter.charAt(0)) + getter.substring(1);
            return Arrays.stream(owner.getMethods())
                    .filter(method -> method.getName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new NoSuchMethodException(name));
        }

        @Override
        public String toString() {
            return owner.getSimpleName() + "." + constant;
        }
    }

    static List<Setting> settings() {
        List<Setting> settings = new ArrayList<>();
        Stream.concat(
                        Stream.of(FileReplicationConfigKeys.class),
                        Arrays.stream(FileReplicationConfigKeys.class.getDeclaredClasses()))
                .forEach(owner -> Arrays.stream(owner.getDeclaredFields())
                        .map(Field::getName)
                        .filter(name -> name.endsWith("_KEY"))
                        .forEach(name -> settings.add(new Setting(owner, name.replaceFirst("_KEY$", "")))));
        return settings;
    }

    @ParameterizedTest
    @MethodSource("settings")
    void whatIsSetIsReadAndNothingElseIsTheDefault(Setting setting) throws Exception {
        Consumer<String> unheard = line -> {};
        RaftProperties properties = new RaftProperties();
        assertThat(setting.getter().invoke(null, properties, unheard)).isEqualTo(setting.value("_DEFAULT"));

        Method setter = setting.setter();
        Object other =
                setting.value("_DEFAULT") instanceof Boolean yes ? !yes : OTHERS.get(setter.getParameterTypes()[1]);
        setter.invoke(null, properties, other);

        Object read = setting.getter().invoke(null, properties, unheard);
        assertThat(read instanceof OptionalLong limit ? SizeInBytes.valueOf(limit.getAsLong()) : read)
                .isEqualTo(other)
                .isNotEqualTo(setting.value("_DEFAULT"));
        assertThat(properties.get((String) setting.value("_KEY"))).isNotNull();
    }
}
