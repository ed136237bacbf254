package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that others chose cannot end, reorder or hide part of a log line. */
class LogEscapingTest {

    @ParameterizedTest
    @ValueSource(ints = {0x200e, 0x202e, 0x2028, 0x2029, 0x2066, 0xfeff, 0xe0041})
    void formatCharactersAndLineSeparatorsAreShownAsNumbers(int codePoint) {
        String name = "a" + Character.toString(codePoint) + "b";
        String shown = "a\\u" + String.format("%04x", codePoint) + "b";
        assertThat(FilePath.of(name)).hasToString(shown);
        assertThat(NodeId.of(name)).hasToString(shown);
        assertThat(FilePath.of(name).value()).as("never rewritten").isEqualTo(name);
    }

    @Test
    void whatIsRefusedIsShownEscapedInTheError() {
        assertThatThrownBy(() -> FilePath.of("a\nb")).hasMessageContaining("'a\\u000ab'");
        assertThatThrownBy(() -> FilePath.of("a\ud800")).hasMessageContaining("'a\\ud800'");
    }

    @Test
    void ordinaryTextOfAnyScriptIsShownAsItIs() {
        String name = "größe/文件/\ud83d\udcc1.parquet";
        assertThat(FilePath.of(name)).hasToString(name);
    }
}
