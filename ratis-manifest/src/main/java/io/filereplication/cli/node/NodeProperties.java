package io.filereplication.cli.node;

import io.filereplication.cli.control.CommandFailure;
import io.filereplication.cli.control.ExitCode;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** A node's settings file: Java properties in UTF-8. */
public final class NodeProperties {
    /** The file's name in a node's directory. */
    public static final String FILE_NAME = "node.properties";

    private NodeProperties() {}

    /** What is in {@code file}; nothing when there is none. */
    public static Map<String, String> readIfThere(Path file) throws CommandFailure {
        return Files.exists(file) ? read(file) : new TreeMap<>();
    }

    public static Map<String, String> read(Path file) throws CommandFailure {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new CommandFailure(ExitCode.USAGE, "There is no settings file " + file + ": name another", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, "The settings file " + file + " cannot be read: " + e.getMessage(), e);
        }
        Map<String, String> values = new TreeMap<>();
        properties
                .stringPropertyNames()
                .forEach(name -> values.put(name, properties.getProperty(name).strip()));
        return values;
    }
}
