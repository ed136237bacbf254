package io.filereplication.demo;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * DuckDB in this process: writes a {@link MeasurementDay} as a Parquet file and runs the demo's query over the files of a
 * node. Hashes of the row number fill most columns, which no compression makes smaller.
 *
 * <p>Not thread-safe; every method blocks.
 */
final class Measurements implements AutoCloseable {
    private static final int NOISE_COLUMNS = 6;
    private static final String AGGREGATES = "count(*), coalesce(sum(sensor), 0), coalesce(sum(reading), 0), coalesce("
            + IntStream.range(0, NOISE_COLUMNS)
                    .mapToObj(i -> "sum(noise_" + i + ")")
                    .collect(Collectors.joining(" + "))
            + ", 0)";

    private final Connection duckDb;

    private Measurements(Connection duckDb) {
        this.duckDb = duckDb;
    }

    /** A fresh engine in memory, which uses two threads and at most 1 GB. */
    static Measurements open() throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Measurements measurements = new Measurements(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET threads = 2");
            statement.execute("SET memory_limit = '1GB'");
        } catch (SQLException e) {
            measurements.close();
            throw e;
        }
        return measurements;
    }

    /** Writes the day's file to {@code target}, whose directory exists. */
    void write(MeasurementDay day, Path target) throws SQLException {
        try (Statement statement = duckDb.createStatement()) {
            statement.execute("COPY (" + rowsOf(day) + ") TO " + quote(target.toString()) + " (FORMAT parquet)");
        }
    }

    /** The totals of the day, computed from the generator and not from a file. */
    Totals expected(MeasurementDay day) throws SQLException {
        return totals("SELECT " + AGGREGATES + ", 1 FROM (" + rowsOf(day) + ")");
    }

    /** The totals over all generated files below {@code storage}, a node's root. */
    Totals query(Path storage) throws SQLException {
        String files = storage.resolve(MeasurementDay.ROOT) + "/day=*/*.parquet";
        return totals("SELECT " + AGGREGATES + ", count(DISTINCT day) FROM read_parquet(" + quote(files)
                + ", hive_partitioning = true)");
    }

    private static String rowsOf(MeasurementDay day) {
        StringBuilder select =
                new StringBuilder("SELECT TIMESTAMP '" + day.date() + " 00:00:00' + to_microseconds(i) AS ts");
        select.append(", (").append(hash(day, 0)).append(" % 1000)::INTEGER AS sensor");
        select.append(", (").append(hash(day, 1)).append(" % 1000000)::BIGINT AS reading");
        for (int i = 0; i < NOISE_COLUMNS; i++) {
            select.append(", ").append(hash(day, 2 + i)).append(" AS noise_").append(i);
        }
        return select.append(" FROM range(")
                .append(day.rows())
                .append(") AS rows(i)")
                .toString();
    }

    private static String hash(MeasurementDay day, int column) {
        return "hash(i, " + day.number() + ", " + column + ")";
    }

    private Totals totals(String query) throws SQLException {
        try (Statement statement = duckDb.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return new Totals(
                    result.getLong(1), result.getLong(5), exact(result, 2), exact(result, 3), exact(result, 4));
        }
    }

    private static BigInteger exact(ResultSet result, int column) throws SQLException {
        String digits = result.getString(column);
        if (digits == null) {
            throw new SQLException("Column " + column + " of the totals is null");
        }
        return new BigDecimal(digits).toBigIntegerExact();
    }

    private static String quote(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    @Override
    public void close() throws SQLException {
        duckDb.close();
    }
}
