package io.filereplication.cli;

import java.lang.reflect.Proxy;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a signal that ends processes run something instead, so that the process can close what is open and choose its exit code. A
 * JVM's shutdown hooks cannot: its code after SIGTERM is always 143, and they also run when something fatal ends the JVM.
 *
 * <p>{@code sun.misc.Signal} is part of {@code jdk.unsupported}, exported for this and without a supported replacement; it is
 * called by reflection because the compiler warns of any other use.
 */
final class Termination {
    private static final Logger LOG = LoggerFactory.getLogger(Termination.class);
    private static final List<String> SIGNALS = List.of("TERM", "INT");
    private static final int KILLED_BY_SIGNAL = 128;

    private Termination() {}

    /** {@code onFirst} is run on the first signal; a second one ends the JVM at once. */
    static void listen(Runnable onFirst) {
        try {
            Class<?> signalClass = Class.forName("sun.misc.Signal");
            Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
            Handler handler = new Handler(onFirst);
            Object proxy = Proxy.newProxyInstance(
                    Termination.class.getClassLoader(), new Class<?>[] {handlerClass}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            handler.handle(
                                    (int) signalClass.getMethod("getNumber").invoke(arguments[0]));
                            return null;
                        }
                        return switch (method.getName()) {
                            case "hashCode" -> System.identityHashCode(self);
                            case "equals" -> self == arguments[0];
                            default -> "termination";
                        };
                    });
            for (String name : SIGNALS) {
                signalClass
                        .getMethod("handle", signalClass, handlerClass)
                        .invoke(null, signalClass.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn(
                    "This JVM does not let signals be handled: the node ends without closing cleanly, and with 143", e);
        }
    }

    private static final class Handler {
        private final Runnable onFirst;
        private boolean heard;

        Handler(Runnable onFirst) {
            this.onFirst = onFirst;
        }

        void handle(int signal) {
            synchronized (this) {
                if (heard) {
                    Runtime.getRuntime().halt(KILLED_BY_SIGNAL + signal);
                }
                heard = true;
            }
            onFirst.run();
        }
    }
}
