package io.filereplication.fuzz;

/** One input for one piece of code that reads what others wrote. Whatever it throws is a finding. */
@FunctionalInterface
public interface FuzzTarget {
    void run(byte[] input) throws Exception;
}
