package io.filereplication.demo;

import java.time.Duration;
import java.util.List;

/** Parquet files of generated measurements, a file per day; a query over each node's files must answer what the writers kept. */
final class GeneratedWorkload implements Workload {
    private static final Duration QUERY_TIMEOUT = Duration.ofMinutes(2);
    private static final long BYTES_PER_ROW = 60;

    private final int firstDays;
    private final int laterDays;
    private Totals written = Totals.NONE;

    /** Node 1 writes the days from 0, node 2 those that follow. */
    GeneratedWorkload(int firstDays, int laterDays) {
        this.firstDays = firstDays;
        this.laterDays = laterDays;
    }

    @Override
    public String describe() {
        return "Parquet, a day of generated measurements each";
    }

    @Override
    public Part first() {
        return days(0, firstDays);
    }

    @Override
    public Part later() {
        return days(firstDays, laterDays);
    }

    private static Part days(int first, int count) {
        return new Part(Verb.WRITE, Fields.NONE.with("first", first).with("count", count), count);
    }

    @Override
    public long bytes() {
        long rows = 0;
        for (int day = 0; day < firstDays + laterDays; day++) {
            rows += new MeasurementDay(day).rows();
        }
        return rows * BYTES_PER_ROW;
    }

    @Override
    public void written(Part part, Fields answer) {
        written = written.plus(Totals.of(answer));
    }

    @Override
    public List<String> differences(Member member, TreeReport report) throws DemoFailure, InterruptedException {
        Totals found = Totals.of(member.process().call(Verb.QUERY, Fields.NONE, QUERY_TIMEOUT));
        if (!found.equals(written) || !found.isPositive()) {
            return List.of(member.name() + ": the query answers " + found + ", the writers kept " + written);
        }
        return List.of();
    }

    @Override
    public String toString() {
        return written.toString();
    }
}
