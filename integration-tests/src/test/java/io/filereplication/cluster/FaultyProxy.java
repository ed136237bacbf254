package io.filereplication.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.util.NetUtils;

/**
 * A TCP proxy on loopback between a peer and the one it fetches from, which does to their connections what networks do. A
 * connection is touched by a fault once so many bytes have come over it from the server; the hooks may change at any time.
 */
final class FaultyProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int SMALL_RECEIVE_BUFFER_BYTES = 64 * 1024;
    /** When a piece that {@link Fault#DELAY} holds back goes on. */
    private static final Executor LATER = CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS);

    private final ServerSocket listening;
    private final InetSocketAddress target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream fromClients = new ByteArrayOutputStream();
    private final ByteArrayOutputStream fromServer = new ByteArrayOutputStream();
    private final AtomicInteger touched = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Fault fault = Fault.NONE;
    private volatile long afterBytes;
    private volatile int connectionsLeft;

    /** What happens to a connection. */
    enum Fault {
        NONE,
        /** It breaks with a reset. */
        RESET,
        /** One bit of what comes from the server changes: in the last of the bytes that come before, or the first after the hook changed. */
        CORRUPTION,
        /** Nothing passes any more, and nobody is told. */
        STALL,
        /** What the client sends still arrives, what the server sends does not. */
        HALF_OPEN,
        /** Each piece waits a while. */
        DELAY,
        /** What the server sends is not read any more, so that it can send no more than fits into the buffers between. */
        UNREAD
    }

    FaultyProxy(String targetAddress) throws IOException {
        target = NetUtils.createSocketAddr(targetAddress);
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("accept", this::accept);
    }

    String address() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    /** From now on {@code connections} of them meet {@code next} once {@code bytes} have come from the server. */
    void inject(Fault next, long bytes, int connections) {
        afterBytes = bytes;
        connectionsLeft = connections;
        fault = next;
    }

    /** No new fault; what has stalled stays so. */
    void heal() {
        fault = Fault.NONE;
    }

    /** Connections that met a fault. */
    int touched() {
        return touched.get();
    }

    /** What clients have sent so far. */
    byte[] heardFromClients() {
        synchronized (fromClients) {
            return fromClients.toByteArray();
        }
    }

    /** The beginning of what the server has sent so far, up to 1 MiB. */
    byte[] heardFromServer() {
        synchronized (fromServer) {
            return fromServer.toByteArray();
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            Socket server = new Socket();
            if (fault == Fault.UNREAD) {
                server.setReceiveBufferSize(SMALL_RECEIVE_BUFFER_BYTES);
            }
            server.connect(target);
            sockets.add(client);
            sockets.add(server);
            Link link = new Link(client, server);
            start("to-server", link::toServer);
            start("to-client", link::toClient);
        }
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | InterruptedException e) {
                        // The end of a connection, or of the proxy.
                    }
                },
                "proxy-" + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private synchronized boolean takeFault(Fault wanted, long passed) {
        if (fault == Fault.NONE || fault != wanted || passed < afterBytes || connectionsLeft == 0) {
            return false;
        }
        connectionsLeft--;
        touched.incrementAndGet();
        return true;
    }

    /** One connection and its two directions. */
    private final class Link {
        private final Socket client;
        private final Socket server;
        private final AtomicLong passed = new AtomicLong();
        private volatile Fault met = Fault.NONE;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void toServer() throws IOException, InterruptedException {
            pump(client, server, fromClients, Integer.MAX_VALUE, false);
        }

        void toClient() throws IOException, InterruptedException {
            pump(server, client, fromServer, 1 << 20, true);
        }

        private void pump(Socket from, Socket to, ByteArrayOutputStream heard, int most, boolean fromServerSide)
                throws IOException, InterruptedException {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            try {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    synchronized (heard) {
                        heard.write(buffer, 0, Math.min(count, most - Math.min(most, heard.size())));
                    }
                    if (fromServerSide) {
                        passed.addAndGet(count);
                        meet(buffer, count);
                    }
                    boolean swallowed = met == Fault.STALL || (met == Fault.HALF_OPEN && fromServerSide);
                    if (swallowed) {
                        continue;
                    }
                    if (met == Fault.UNREAD && fromServerSide) {
                        closing.await();
                    }
                    int bytes = count;
                    if (fromServerSide && fault == Fault.DELAY) {
                        // The next piece is read when this one has gone: a slow link, not one that holds a lot.
                        write(() -> out.write(buffer, 0, bytes));
                    } else {
                        out.write(buffer, 0, bytes);
                    }
                }
            } finally {
                // A half-open connection does not even learn of the other side's end.
                if (met != Fault.STALL && met != Fault.HALF_OPEN) {
                    client.close();
                    server.close();
                }
            }
        }

        private void write(Work delayed) throws IOException, InterruptedException {
            CompletableFuture<Void> written = new CompletableFuture<>();
            LATER.execute(() -> {
                try {
                    delayed.run();
                    written.complete(null);
                } catch (IOException | InterruptedException e) {
                    written.completeExceptionally(e);
                }
            });
            try {
                written.get();
            } catch (ExecutionException e) {
                throw new IOException("The delayed piece did not go on", e);
            }
        }

        private void meet(byte[] buffer, int count) throws IOException {
            Fault now = fault;
            if (met != Fault.NONE || now == Fault.NONE || now == Fault.DELAY || !takeFault(now, passed.get())) {
                return;
            }
            met = now;
            if (now == Fault.CORRUPTION) {
                // The last of the first afterBytes, wherever TCP has cut the stream.
                long behind = passed.get() - afterBytes;
                buffer[(int) Math.max(0, count - 1 - behind)] ^= 4;
            } else if (now == Fault.RESET) {
                client.setSoLinger(true, 0);
                client.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        closing.countDown();
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        for (Thread thread : threads) {
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
