package io.filereplication.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.security.TlsConf;

/**
 * A private certificate authority and a certificate of it for each of some nodes, made with the JDK's keytool. One whose name
 * begins with {@code stranger} is signed by another authority.
 */
public final class TestCertificates {
    static final String STRANGER = "stranger";
    private static final String OURS = "authority";
    private static final String OTHERS = "other-authority";
    private static final char[] PASSWORD = "only for this test".toCharArray();

    private final Map<String, PrivateKey> keys = new HashMap<>();
    private final Map<String, X509Certificate> certificates = new HashMap<>();

    /** Makes them in {@code directory}. */
    public TestCertificates(Path directory, String... names) throws Exception {
        Path file = directory.resolve("certificates.p12");
        make(file, OURS, "-ext", "bc:c");
        make(file, OTHERS, "-ext", "bc:c");
        for (String name : names) {
            String signer = name.startsWith(STRANGER) ? OTHERS : OURS;
            make(file, name, "-ext", "san=ip:127.0.0.1,dns:localhost", "-signer", signer);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        for (String alias : Collections.list(store.aliases())) {
            keys.put(alias, (PrivateKey) store.getKey(alias, PASSWORD));
            certificates.put(alias, (X509Certificate) store.getCertificate(alias));
        }
    }

    private static void make(Path file, String alias, String... extensions) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + alias,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD)));
        command.addAll(List.of(extensions));
        run(command.toArray(String[]::new));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed: " + said);
        }
    }

    /** The key and certificate of {@code name}, and our authority's, as PEM files in {@code directory}. */
    public void writePem(String name, Path directory) throws GeneralSecurityException, IOException {
        pem("PRIVATE KEY", keys.get(name).getEncoded(), directory.resolve("key.pem"));
        pem("CERTIFICATE", certificates.get(name).getEncoded(), directory.resolve("certificate.pem"));
        pem("CERTIFICATE", certificates.get(OURS).getEncoded(), directory.resolve("authority.pem"));
    }

    private static void pem(String kind, byte[] encoded, Path file) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
    }

    /** Mutual TLS on both ports: {@code name} shows its certificate and accepts those of our authority. */
    Parameters mutualTls(String name) {
        X509Certificate authority = certificates.get(OURS);
        Parameters parameters = new Parameters();
        GrpcConfigKeys.TLS.setConf(
                parameters, new GrpcTlsConfig(keys.get(name), certificates.get(name), List.of(authority), true));
        TlsConf stream = new TlsConf.Builder()
                .setName(name)
                .setPrivateKey(new TlsConf.PrivateKeyConf(keys.get(name)))
                .setKeyCertificates(new TlsConf.CertificatesConf(certificates.get(name)))
                .setTrustCertificates(new TlsConf.CertificatesConf(List.of(authority)))
                .setMutualTls(true)
                .build();
        NettyConfigKeys.DataStream.Server.setTlsConf(parameters, stream);
        NettyConfigKeys.DataStream.Client.setTlsConf(parameters, stream);
        return parameters;
    }

    /** One-way TLS at the data stream's port alone: {@code name} shows its certificate as a server, and none as a client. */
    Parameters streamTls(String name) {
        Parameters parameters = streamClientWithoutCertificate(true);
        NettyConfigKeys.DataStream.Server.setTlsConf(
                parameters,
                new TlsConf.Builder()
                        .setName(name)
                        .setPrivateKey(new TlsConf.PrivateKeyConf(keys.get(name)))
                        .setKeyCertificates(new TlsConf.CertificatesConf(certificates.get(name)))
                        .build());
        return parameters;
    }

    /** For a client of the data stream that shows no certificate and accepts those of our authority, or of the other one. */
    Parameters streamClientWithoutCertificate(boolean acceptsOurs) {
        Parameters parameters = new Parameters();
        X509Certificate accepted = certificates.get(acceptsOurs ? OURS : OTHERS);
        NettyConfigKeys.DataStream.Client.setTlsConf(
                parameters,
                new TlsConf.Builder()
                        .setName("nobody")
                        .setTrustCertificates(new TlsConf.CertificatesConf(List.of(accepted)))
                        .build());
        return parameters;
    }

    /** A client that shows the certificate of {@code name}, or none when that is empty, and accepts those of our authority. */
    SSLContext client(String name) throws GeneralSecurityException, IOException {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, PASSWORD);
        if (!name.isEmpty()) {
            own.setKeyEntry(name, keys.get(name), PASSWORD, new X509Certificate[] {certificates.get(name)});
        }
        KeyManagerFactory shown = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        shown.init(own, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, PASSWORD);
        trusted.setCertificateEntry(OURS, certificates.get(OURS));
        TrustManagerFactory accepted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        accepted.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(shown.getKeyManagers(), accepted.getTrustManagers(), null);
        return context;
    }
}
