package io.filereplication.simulation;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Hears what the code under test logs as an error, which it does only for what it did not expect: that is a violation. The
 * simple logger writes to {@link System#err}.
 */
final class LoggedErrors extends PrintStream {
    private static final String ERROR = "ERROR ";

    private final PrintStream others;

    private LoggedErrors(PrintStream others) {
        super(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        this.others = others;
    }

    /** From now on. Idempotent. */
    static synchronized void listen() {
        if (!(System.err instanceof LoggedErrors)) {
            System.setErr(new LoggedErrors(System.err));
        }
    }

    @Override
    public void println(String line) {
        if (Thread.currentThread() instanceof Carrier carrier) {
            Kernel kernel = carrier.kernel;
            if (kernel != null) {
                kernel.trace().comment(line);
                if (String.valueOf(line).contains(ERROR)) {
                    kernel.errors().add(line);
                }
            }
            return;
        }
        others.println(line);
    }

    @Override
    public void println(Object line) {
        if (Thread.currentThread() instanceof Carrier carrier) {
            Kernel kernel = carrier.kernel;
            if (kernel != null && !kernel.errors().isEmpty()) {
                kernel.errors().add(String.valueOf(line)); // a line of a stack trace
            }
            return;
        }
        others.println(line);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        others.write(bytes, offset, length);
    }

    @Override
    public void flush() {
        others.flush();
    }
}
