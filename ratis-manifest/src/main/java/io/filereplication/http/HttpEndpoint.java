package io.filereplication.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.filereplication.metrics.PrometheusText;
import io.filereplication.plugin.FileReplicationNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers over HTTP whether a node is up and ready, and its metrics:
 *
 * <ul>
 *   <li>{@code GET /health}: 200 while the server runs and applies its log, else 503. A 503 that lasts wants a person.
 *   <li>{@code GET /ready}: 200 while the node is fully caught up, else 503 and why. A node that is not ready is at work.
 *   <li>{@code GET /metrics}: the text format of Prometheus.
 * </ul>
 *
 * <p>The first two answer JSON, {@code {"ok":false,"reasons":["..."]}}. There is neither authentication nor encryption:
 * whoever reaches the address sees numbers, names of peers and of the group, but no paths and no bytes of files. So it
 * belongs on loopback; elsewhere, in a network in which everybody may see that.
 *
 * <p><b>Limits:</b> {@value #CONNECTIONS} connections are open, {@value #THREADS} requests are answered at once, {@value #WAITING}
 * wait, more are hung up on. A request that is not complete after {@value #SECONDS} s is given up. The JVM's {@code
 * jdk.httpserver.maxConnections} and {@code sun.net.httpserver.maxReqTime} say otherwise.
 *
 * <p>Thread-safe.
 */
public final class HttpEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);
    private static final int THREADS = 2;
    private static final int WAITING = 16;
    private static final int BACKLOG = 16;
    private static final int SECONDS = 10;
    private static final int CONNECTIONS = 64;

    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int INTERNAL_ERROR = 500;
    private static final int UNAVAILABLE = 503;

    static {
        // Of the JDK's server, which reads them once for all its instances; by default it waits for ever and takes any
        // number.
        unlessSet("sun.net.httpserver.maxReqTime", SECONDS);
        unlessSet("sun.net.httpserver.maxRspTime", SECONDS);
        unlessSet("jdk.httpserver.maxConnections", CONNECTIONS);
    }

    private static void unlessSet(String limit, int value) {
        if (System.getProperty(limit) == null) {
            System.setProperty(limit, Integer.toString(value));
        }
    }

    private final FileReplicationNode node;
    private final NodeProbe probe;
    private final HttpServer server;
    private final ExecutorService threads;

    private HttpEndpoint(FileReplicationNode node, HttpServer server) {
        this.node = node;
        this.probe = new NodeProbe(node);
        this.server = server;
        AtomicInteger made = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS, THREADS, SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), body -> {
                    Thread thread = new Thread(body, node.server().getId() + "-http-" + made.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
    }

    /** Where an endpoint listens unless it is told otherwise: at {@code port} of loopback; 0 is any free port. */
    public static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /**
     * Listens at {@code address} and answers from now on, whether {@code node} has been started or not. Close it before the
     * node.
     *
     * @throws IOException when the address cannot be listened on, naming it
     */
    public static HttpEndpoint open(FileReplicationNode node, InetSocketAddress address) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException(
                    "The HTTP address " + text(address) + " cannot be listened on: the host is not known");
        }
        HttpServer server;
        try {
            server = HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            throw new IOException(
                    "The HTTP address " + text(address) + " cannot be listened on: " + e.getMessage()
                            + ". Stop what uses the port, or choose another",
                    e);
        }
        HttpEndpoint endpoint = new HttpEndpoint(node, server);
        server.setExecutor(endpoint.threads);
        server.createContext("/", endpoint::answer);
        server.start();
        if (!address.getAddress().isLoopbackAddress()) {
            LOG.warn("{}: metrics are open to everybody who reaches {}", node, address);
        }
        return endpoint;
    }

    private static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }

    /** Where it listens, with the port that was chosen. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, METHOD_NOT_ALLOWED, "text/plain", "GET or HEAD\n");
                return;
            }
            try {
                route(exchange);
            } catch (RuntimeException e) {
                LOG.error("{}: a request failed", this, e);
                send(exchange, INTERNAL_ERROR, "text/plain", "It failed; the node's log says why\n");
            }
        }
    }

    private void route(HttpExchange exchange) throws IOException {
        switch (exchange.getRequestURI().getPath()) {
            case "/health" -> sendReasons(exchange, probe.unhealthy());
            case "/ready" -> sendReasons(exchange, probe.notReady());
            case "/metrics" ->
                send(exchange, OK, PrometheusText.CONTENT_TYPE, PrometheusText.of(List.of(node.metrics())));
            default -> send(exchange, NOT_FOUND, "text/plain", "/health, /ready or /metrics\n");
        }
    }

    private static void sendReasons(HttpExchange exchange, List<String> reasons) throws IOException {
        send(exchange, reasons.isEmpty() ? OK : UNAVAILABLE, "application/json", answer(reasons));
    }

    private static String answer(List<String> reasons) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ok", reasons.isEmpty());
        answer.put("reasons", reasons);
        return Json.text(answer) + "\n";
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Hangs up and listens no more. Idempotent. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    @Override
    public String toString() {
        return node + " over HTTP";
    }
}
