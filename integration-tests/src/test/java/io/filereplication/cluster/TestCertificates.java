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

/** A key and a self-signed certificate for each of some nodes, made with the JDK's keytool. */
final class TestCertificates {
    private static final char[] PASSWORD = "only for this test".toCharArray();

    private final Map<String, PrivateKey> keys = new HashMap<>();
    private final Map<String, X509Certificate> certificates = new HashMap<>();

    TestCertificates(Path directory, String... names) throws Exception {
        for (String name : names) {
            Path file = directory.resolve(name + ".p12");
            run(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    name,
                    "-keyalg",
                    "RSA",
                    "-keysize",
                    "2048",
                    "-dname",
                    "CN=" + name,
                    "-ext",
                    "san=ip:127.0.0.1,dns:localhost",
                    "-validity",
                    "2",
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    file.toString(),
                    "-storepass",
                    new String(PASSWORD));
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(file)) {
                store.load(in, PASSWORD);
            }
            keys.put(name, (PrivateKey) store.getKey(name, PASSWORD));
            certificates.put(name, (X509Certificate) store.getCertificate(name));
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed: " + said);
        }
    }

    /** Mutual TLS on both ports: {@code name} shows its certificate and accepts those of {@code trusted}. */
    Parameters mutualTls(String name, String... trusted) {
        List<X509Certificate> accepted = new ArrayList<>();
        for (String other : trusted) {
            accepted.add(certificates.get(other));
        }
        Parameters parameters = new Parameters();
        GrpcConfigKeys.TLS.setConf(
                parameters, new GrpcTlsConfig(keys.get(name), certificates.get(name), accepted, true));
        TlsConf stream = new TlsConf.Builder()
                .setName(name)
                .setPrivateKey(new TlsConf.PrivateKeyConf(keys.get(name)))
                .setKeyCertificates(new TlsConf.CertificatesConf(certificates.get(name)))
                .setTrustCertificates(new TlsConf.CertificatesConf(accepted))
                .setMutualTls(true)
                .build();
        NettyConfigKeys.DataStream.Server.setTlsConf(parameters, stream);
        NettyConfigKeys.DataStream.Client.setTlsConf(parameters, stream);
        return parameters;
    }

    /** A client that shows the certificate of {@code name}, or none when that is empty, and accepts that of {@code server}. */
    SSLContext client(String name, String server) throws GeneralSecurityException, IOException {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, PASSWORD);
        if (!name.isEmpty()) {
            own.setKeyEntry(name, keys.get(name), PASSWORD, new X509Certificate[] {certificates.get(name)});
        }
        KeyManagerFactory shown = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        shown.init(own, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, PASSWORD);
        trusted.setCertificateEntry(server, certificates.get(server));
        TrustManagerFactory accepted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        accepted.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(shown.getKeyManagers(), accepted.getTrustManagers(), null);
        return context;
    }
}
