package io.filereplication.http;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The little JSON that the endpoint speaks. */
final class Json {
    private static final char FIRST_PRINTABLE = ' ';

    private Json() {}

    /** Whether all is well, and if not, why not. */
    static String answer(List<String> reasons) {
        String list = reasons.stream().map(Json::quoted).collect(Collectors.joining(", "));
        return "{\"ok\": " + reasons.isEmpty() + ", \"reasons\": [" + list + "]}";
    }

    private static String quoted(String raw) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < FIRST_PRINTABLE) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
