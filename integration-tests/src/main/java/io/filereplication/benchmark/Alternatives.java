package io.filereplication.benchmark;

import io.filereplication.cluster.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What files are moved with otherwise: daemons of rsync and nginx on loopback ports, both serving one directory, {@code cp},
 * and, as what the loopback can carry, iperf3. One that is not installed is left out; {@code
 * integration-tests/src/benchmark/setup.sh} installs them.
 */
final class Alternatives implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long UP_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Workspace workspace;
    private final int rsyncPort = FreePorts.next();
    private final int httpPort = FreePorts.next();
    private final int iperfPort = FreePorts.next();
    private final @Nullable Process rsync;
    private final @Nullable Process nginx;
    private final @Nullable Process iperf;

    /** Serves {@code source}; configuration and logs go to {@code directory}. */
    Alternatives(Workspace workspace, Path directory, Path source) throws IOException, InterruptedException {
        this.workspace = workspace;
        rsync = isInstalled("rsync") ? startRsync(directory, source) : null;
        nginx = isInstalled("nginx") && isInstalled("curl") && isInstalled("openssl")
                ? startNginx(directory, source)
                : null;
        iperf = isInstalled("iperf3") ? startIperf(directory) : null;
    }

    private static boolean isInstalled(String tool) {
        for (String directory :
                List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/local/sbin")) {
            if (Files.isExecutable(Path.of(directory, tool))) {
                return true;
            }
        }
        System.err.println(tool + " is not installed; what is compared with it is left out");
        return false;
    }

    private Process startRsync(Path directory, Path source) throws IOException, InterruptedException {
        Path configuration = Files.writeString(
                directory.resolve("rsyncd.conf"),
                String.join(
                        "\n",
                        "use chroot = no",
                        "address = 127.0.0.1",
                        "port = " + rsyncPort,
                        "reverse lookup = no",
                        "[files]",
                        "path = " + source,
                        "read only = yes",
                        ""));
        return up(
                new ProcessBuilder("rsync", "--daemon", "--no-detach", "--config=" + configuration),
                directory.resolve("rsyncd.log"),
                rsyncPort);
    }

    private Process startNginx(Path directory, Path source) throws IOException, InterruptedException {
        String user = System.getProperty("user.name", "root");
        Path configuration = Files.writeString(
                directory.resolve("nginx.conf"),
                String.join(
                        "\n",
                        "daemon off;",
                        "worker_processes 1;",
                        user.equals("root") ? "user root;" : "",
                        "pid " + directory.resolve("nginx.pid") + ";",
                        "error_log stderr;",
                        "events { worker_connections 64; }",
                        "http {",
                        "  access_log off; sendfile on; tcp_nopush on;",
                        "  server { listen 127.0.0.1:" + httpPort + "; root " + source + "; }",
                        "}",
                        ""));
        return up(
                new ProcessBuilder("nginx", "-p", directory.toString(), "-c", configuration.toString()),
                directory.resolve("nginx.log"),
                httpPort);
    }

    private Process startIperf(Path directory) throws IOException, InterruptedException {
        return up(
                new ProcessBuilder("iperf3", "--server", "--bind", "127.0.0.1", "--port", Integer.toString(iperfPort)),
                directory.resolve("iperf.log"),
                iperfPort);
    }

    private Process up(ProcessBuilder builder, Path log, int port) throws IOException, InterruptedException {
        Process process = workspace.start(builder.redirectErrorStream(true).redirectOutput(log.toFile()));
        long until = System.nanoTime() + UP_NANOS;
        while (System.nanoTime() < until && process.isAlive()) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                return process;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new IOException(builder.command() + " does not listen: " + Files.readString(log));
    }

    /** Seconds that rsync takes to bring {@code what} of the directory into {@code target}; NaN without rsync. */
    double rsyncSeconds(List<String> what, Path target, List<String> options) throws IOException, InterruptedException {
        if (rsync == null) {
            return Double.NaN;
        }
        List<String> command = new ArrayList<>(List.of("rsync", "-r", "--whole-file", "--inplace"));
        command.addAll(options);
        what.forEach(name -> command.add("rsync://127.0.0.1:" + rsyncPort + "/files/" + name));
        command.add(target + "/");
        return seconds(command);
    }

    /** Seconds that curl takes to bring one file, and openssl then to hash it; NaN without them. */
    double curlAndOpensslSeconds(String what, Path target) throws IOException, InterruptedException {
        if (nginx == null) {
            return Double.NaN;
        }
        Path file = target.resolve("fetched");
        return seconds(List.of(
                        "curl",
                        "--silent",
                        "--fail",
                        "--output",
                        file.toString(),
                        "http://127.0.0.1:" + httpPort + "/" + what))
                + seconds(List.of("openssl", "dgst", "-sha256", file.toString()));
    }

    /** Seconds that cp takes to copy the directory or file {@code source} into the directory {@code target}. */
    double cpSeconds(Path source, Path target) throws IOException, InterruptedException {
        return seconds(List.of("cp", "-r", source.toString(), target.toString()));
    }

    /** Seconds that so many bytes take over one loopback connection, from memory into nothing; NaN without iperf3. */
    double iperfSeconds(long bytes) throws IOException, InterruptedException {
        if (iperf == null) {
            return Double.NaN;
        }
        return seconds(List.of(
                "iperf3",
                "--client",
                "127.0.0.1",
                "--port",
                Integer.toString(iperfPort),
                "--bytes",
                Long.toString(bytes)));
    }

    private double seconds(List<String> command) throws IOException, InterruptedException {
        long began = System.nanoTime();
        String unused = workspace.run(command, null, PATIENCE);
        return (System.nanoTime() - began) / 1e9;
    }

    @Override
    public void close() throws InterruptedException {
        if (rsync != null) {
            workspace.end(rsync);
        }
        if (nginx != null) {
            workspace.end(nginx);
        }
        if (iperf != null) {
            workspace.end(iperf);
        }
    }
}
