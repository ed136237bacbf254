package io.filereplication;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Strict UTF-8: malformed Unicode is refused, where {@link String#getBytes} would replace it silently. */
final class Utf8 {
    private static final int MAX_PRINTED = 200;

    private Utf8() {}

    /** The bytes of {@code text}; throws {@link CharacterCodingException} on an unpaired surrogate. */
    static byte[] encode(String text) throws CharacterCodingException {
        ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    /** The text of {@code bytes}; throws {@link CharacterCodingException} on anything that is not well-formed UTF-8. */
    static String decode(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    /**
     * {@code text} for a log line or an error, at most about 200 characters of it. What could end the line, reorder it or hide in
     * it is shown as {@code \}{@code uXXXX}: control and format characters, line separators, unpaired surrogates.
     */
    static String printable(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), MAX_PRINTED) + 2);
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            if (i >= MAX_PRINTED) {
                return out.append("...").toString();
            }
            int codePoint = text.codePointAt(i);
            switch (Character.getType(codePoint)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> out.append(String.format("\\u%04x", codePoint));
                default -> out.appendCodePoint(codePoint);
            }
        }
        return out.toString();
    }
}
