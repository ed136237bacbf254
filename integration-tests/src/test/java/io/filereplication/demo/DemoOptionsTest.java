package io.filereplication.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoOptionsTest {
    @Test
    void everythingHasADefault() throws DemoFailure {
        DemoOptions options = DemoOptions.parse(List.of());

        assertThat(options.files()).isNull();
        assertThat(options.progress()).isEqualTo(DemoOptions.Progress.AUTO);
    }

    @Test
    void readsEveryOption() throws DemoFailure {
        DemoOptions options = DemoOptions.parse(List.of("--files", "a b", "--work", "w", "--progress", "plain"));

        assertThat(options).isEqualTo(new DemoOptions(Path.of("a b"), Path.of("w"), DemoOptions.Progress.PLAIN));
    }

    @Test
    void namesWhatIsWrong() {
        assertThatThrownBy(() -> DemoOptions.parse(List.of("--file", "x"))).hasMessage("'--file' is not an option");
        assertThatThrownBy(() -> DemoOptions.parse(List.of("--files"))).hasMessage("'--files' needs a value");
        assertThatThrownBy(() -> DemoOptions.parse(List.of("--progress", "loud")))
                .hasMessageContaining("'loud'");
    }
}
