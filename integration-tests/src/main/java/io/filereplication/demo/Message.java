package io.filereplication.demo;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One line between the demo and a node process.
 *
 * <pre>
 * id TAB word [TAB name=value]...
 * 17 TAB status                                  the demo asks
 * 17 TAB ok TAB files=241 TAB missing=3          the node answers, in any order of ids
 * 18 TAB error TAB message=Port 4711 is in use   or says in one sentence why not
 * </pre>
 *
 * <p>Tab, line feed, carriage return and backslash in a value are written {@code \t}, {@code \n}, {@code \r} and
 * {@code \\}. A line of any other form is not a message (a JVM may print one) and is skipped.
 *
 * @param id chosen by the demo; the answer repeats it
 * @param word a {@link Verb}'s name in lower case, or {@value #OK} or {@value #ERROR}
 */
record Message(long id, String word, Fields fields) {
    static final String OK = "ok";
    static final String ERROR = "error";
    static final String REASON = "message";

    /** The answer to this request. */
    Message ok(Fields answer) {
        return new Message(id, OK, answer);
    }

    /** The refusal of this request. */
    Message error(String reason) {
        return new Message(id, ERROR, Fields.NONE.with(REASON, reason));
    }

    /** The line, without its end. */
    String toLine() {
        StringBuilder line = new StringBuilder().append(id).append('\t').append(escape(word));
        for (Map.Entry<String, String> field : fields.values().entrySet()) {
            line.append('\t').append(escape(field.getKey())).append('=').append(escape(field.getValue()));
        }
        return line.toString();
    }

    /** The message in {@code line}, or empty when it is none. */
    static Optional<Message> parse(String line) {
        String[] parts = line.split("\t", -1);
        if (parts.length < 2
                || parts[0].isEmpty()
                || parts[0].length() > 18
                || !parts[0].chars().allMatch(Message::isDigit)) {
            return Optional.empty();
        }
        TreeMap<String, String> fields = new TreeMap<>();
        for (int i = 2; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals < 1) {
                return Optional.empty();
            }
            fields.put(unescape(parts[i].substring(0, equals)), unescape(parts[i].substring(equals + 1)));
        }
        return Optional.of(new Message(Long.parseLong(parts[0]), unescape(parts[1]), new Fields(fields)));
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                plain.append(c);
                continue;
            }
            char escaped = text.charAt(++i);
            switch (escaped) {
                case 't' -> plain.append('\t');
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                default -> plain.append(escaped);
            }
        }
        return plain.toString();
    }
}
