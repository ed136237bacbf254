package io.filereplication;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DuckDB writes and reads the Parquet files that the cluster tests and the demo replicate. */
class ParquetFileIT {

    @Test
    void readsBackWhatItWrote(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("part-0.parquet");
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement()) {
            statement.execute("COPY (SELECT range AS id FROM range(1000)) TO '" + file + "' (FORMAT parquet)");
            try (var rows = statement.executeQuery("SELECT count(*), sum(id) FROM '" + file + "'")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getLong(1)).isEqualTo(1000);
                assertThat(rows.getLong(2)).isEqualTo(499_500);
            }
        }
    }
}
