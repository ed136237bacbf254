package io.filereplication;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Strict UTF-8: malformed Unicode is refused, where {@link String#getBytes} would replace it silently. */
final class Utf8 {
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

    /** {@code text} for a log line or an error: control characters and unpaired surrogates as {@code \}{@code uXXXX}, at most 200 characters. */
    static String printable(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), 200) + 2);
        for (int i = 0; i < text.length(); i++) {
            if (i == 200) {
                return out.append("...").toString();
            }
            char c = text.charAt(i);
            boolean plain =
                    !Character.isISOControl(c) && !Character.isSurrogate(c) && Character.getType(c) != Character.FORMAT;
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (plain) {
                out.append(c);
            } else if (pair) {
                out.append(c).append(text.charAt(++i));
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        return out.toString();
    }
}
