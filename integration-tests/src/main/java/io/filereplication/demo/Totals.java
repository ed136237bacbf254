package io.filereplication.demo;

import java.math.BigInteger;

/**
 * What the demo's query answers: exact integers, so that two answers are equal or they are not.
 *
 * @param rows how many rows
 * @param days how many different days
 * @param sensors the sum of the sensor numbers
 * @param readings the sum of the readings
 * @param noise the sum of all noise columns
 */
record Totals(long rows, long days, BigInteger sensors, BigInteger readings, BigInteger noise) {
    static final Totals NONE = new Totals(0, 0, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO);

    /** The totals of these rows and of {@code other} ones, of other days. */
    Totals plus(Totals other) {
        return new Totals(
                rows + other.rows,
                days + other.days,
                sensors.add(other.sensors),
                readings.add(other.readings),
                noise.add(other.noise));
    }

    /** Whether there is something in every column. */
    boolean isPositive() {
        return rows > 0 && days > 0 && sensors.signum() > 0 && readings.signum() > 0 && noise.signum() > 0;
    }

    Fields toFields() {
        return Fields.NONE
                .with("rows", rows)
                .with("days", days)
                .with("sensors", sensors)
                .with("readings", readings)
                .with("noise", noise);
    }

    static Totals of(Fields fields) {
        return new Totals(
                fields.number("rows"),
                fields.number("days"),
                fields.integer("sensors"),
                fields.integer("readings"),
                fields.integer("noise"));
    }

    @Override
    public String toString() {
        return rows + " rows, " + days + " days, sums " + sensors + " / " + readings + " / " + noise;
    }
}
