package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths that come as bytes, from a log entry, a snapshot or a peer. */
class FilePathUtf8Test {
    @ParameterizedTest
    @ValueSource(strings = {"a", "metrics/2026/part-1.parquet", "m\u00e9t\u00e9o/\u6e29\u5ea6/\ud83c\udf21.parquet"})
    void takesBytesAsTheyAre(String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);

        assertThat(FilePath.ofUtf8(bytes).value()).isEqualTo(path);
        assertThat(FilePath.ofUtf8(bytes)).isEqualTo(FilePath.of(path));
    }

    /** A lone continuation, a truncated sequence, an overlong slash, a surrogate, beyond U+10FFFF; in any place. */
    @ParameterizedTest
    @ValueSource(
            strings = {"80", "ff", "c3", "e6b8", "c0af", "eda080", "f4908080", "6162fe", "fe6162", "61ed b0 80 62"})
    void refusesWhatIsNoUtf8(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));

        assertThatThrownBy(() -> FilePath.ofUtf8(bytes))
                .isInstanceOf(InvalidFilePathException.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void laterChangesOfTheBytesDoNotReachThePath() {
        byte[] bytes = "a/b".getBytes(StandardCharsets.UTF_8);
        FilePath path = FilePath.ofUtf8(bytes);
        bytes[0] = '/';

        assertThat(path.value()).isEqualTo("a/b");
    }
}
