package io.filereplication;

import io.filereplication.plugin.FileReplicationConfigKeys;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.ratis.util.SizeInBytes;

/**
 * The table of settings in README.md, from {@link FileReplicationConfigKeys}: names and values by reflection, the order and
 * the meaning from its source.
 */
final class SettingsTable {
    private static final String SOURCE =
            "ratis-manifest/src/main/java/io/filereplication/plugin/FileReplicationConfigKeys.java";
    /** The Javadoc of a key, or the interface that the keys behind it are in. */
    private static final Pattern KEY_OR_INTERFACE = Pattern.compile(
            "/\\*\\*((?:(?!\\*/).)*)\\*/\\s+String (\\w+)_KEY|^    interface (\\w+)",
            Pattern.DOTALL | Pattern.MULTILINE);

    private SettingsTable() {}

    /** The table, each line ended. */
    static String generate() throws IOException, ReflectiveOperationException {
        StringBuilder table = new StringBuilder("| key | default | meaning |\n| --- | --- | --- |\n");
        Map<String, String> meanings = meanings();
        for (Map.Entry<String, String> setting : meanings.entrySet()) {
            String constant = setting.getKey();
            table.append("| `").append(value(constant + "_KEY")).append("` | `");
            table.append(value(constant + "_DEFAULT")).append("` | ");
            table.append(setting.getValue()).append(" |\n");
        }
        if (!new TreeSet<>(meanings.keySet()).equals(constants())) {
            throw new IllegalStateException("The source shows " + meanings.keySet() + ", the class has " + constants());
        }
        return table.toString();
    }

    /** By constant, as {@code Pull.WORKERS}; in the order of the source. */
    private static Map<String, String> meanings() throws IOException {
        Map<String, String> meanings = new LinkedHashMap<>();
        String prefix = "";
        Matcher found = KEY_OR_INTERFACE.matcher(Documents.read(SOURCE));
        while (found.find()) {
            if (found.group(3) != null) {
                prefix = found.group(3) + ".";
            } else {
                String meaning =
                        found.group(1).replaceAll("\\s*\\n\\s*\\*?\\s*", " ").strip();
                meanings.put(prefix + found.group(2), meaning);
            }
        }
        return meanings;
    }

    private static Set<String> constants() {
        Set<String> constants = new TreeSet<>();
        Stream.concat(
                        Stream.of(FileReplicationConfigKeys.class),
                        Arrays.stream(FileReplicationConfigKeys.class.getDeclaredClasses()))
                .forEach(type -> Arrays.stream(type.getDeclaredFields())
                        .map(Field::getName)
                        .filter(name -> name.endsWith("_KEY"))
                        .map(name -> name.substring(0, name.length() - "_KEY".length()))
                        .forEach(name -> constants.add(
                                type == FileReplicationConfigKeys.class ? name : type.getSimpleName() + "." + name)));
        return constants;
    }

    private static Object value(String constant) throws ReflectiveOperationException {
        int dot = constant.indexOf('.');
        Class<?> type = dot < 0
                ? FileReplicationConfigKeys.class
                : Class.forName(FileReplicationConfigKeys.class.getName() + "$" + constant.substring(0, dot));
        Object value = type.getField(constant.substring(dot + 1)).get(null);
        if (value instanceof SizeInBytes size) {
            return size.getInput();
        }
        return value instanceof OptionalLong ? "not set" : value;
    }
}
