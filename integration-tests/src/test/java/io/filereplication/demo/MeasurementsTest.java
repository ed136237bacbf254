package io.filereplication.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementsTest {
    @TempDir
    private Path storage;

    private Path write(Measurements measurements, int number) throws Exception {
        MeasurementDay day = new MeasurementDay(number);
        Path file = storage.resolve(day.path().value());
        Files.createDirectories(file.getParent());
        measurements.write(day, file);
        return file;
    }

    @Test
    void theQueryAnswersWhatTheWriterKept() throws Exception {
        try (Measurements measurements = Measurements.open()) {
            Totals kept = Totals.NONE;
            for (int number = 0; number < 5; number++) {
                write(measurements, number);
                kept = kept.plus(measurements.expected(new MeasurementDay(number)));
            }

            assertThat(measurements.query(storage)).isEqualTo(kept);
            assertThat(kept.isPositive()).isTrue();
            assertThat(kept.days()).isEqualTo(5);
        }
    }

    @Test
    void theQueryMissesAFileThatIsNotThere() throws Exception {
        try (Measurements measurements = Measurements.open()) {
            write(measurements, 0);
            Totals one = measurements.query(storage);
            write(measurements, 1);

            assertThat(measurements.query(storage)).isNotEqualTo(one);
        }
    }

    @Test
    void everyRunWritesTheSameBytes() throws Exception {
        try (Measurements first = Measurements.open();
                Measurements second = Measurements.open()) {
            byte[] once = Files.readAllBytes(write(first, 3));

            assertThat(Files.readAllBytes(write(second, 3))).isEqualTo(once);
        }
    }

    @Test
    void filesHaveFromSomeKibibytesToSomeMebibytesAndOneIsLarge() throws Exception {
        try (Measurements measurements = Measurements.open()) {
            assertThat(Files.size(write(measurements, 0))).isBetween(2L << 10, 16L << 10);
        }
        assertThat(IntStream.range(0, 260)
                        .map(number -> new MeasurementDay(number).rows())
                        .max())
                .hasValue(MeasurementDay.LARGE_ROWS);
        assertThat(MeasurementDay.LARGE_ROWS * 58L).isGreaterThan(MeasurementDay.LARGE_FILE_BYTES);
    }
}
