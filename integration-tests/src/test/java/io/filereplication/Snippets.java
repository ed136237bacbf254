package io.filereplication;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Compiles the Java of the documents against the tests' class path. A block is the body of a method that may throw anything;
 * it needs no imports and may use the names that {@link #GIVEN} declares, which are those that an application would have.
 */
final class Snippets {
    private static final String IMPORTS = """
            import io.filereplication.*;
            import io.filereplication.client.*;
            import io.filereplication.manifest.*;
            import io.filereplication.plugin.*;
            import io.filereplication.pull.*;
            import io.filereplication.storage.OpenFile;
            import io.filereplication.wire.ClusterSecrets;
            import java.io.InputStream;
            import java.io.OutputStream;
            import java.nio.*;
            import java.nio.file.*;
            import java.security.SecureRandom;
            import java.time.Duration;
            import java.util.*;
            import java.util.concurrent.Executor;
            import org.apache.ratis.conf.*;
            import org.apache.ratis.grpc.GrpcConfigKeys;
            import org.apache.ratis.netty.NettyConfigKeys;
            import org.apache.ratis.protocol.*;
            import org.apache.ratis.rpc.CallId;
            import org.apache.ratis.server.*;
            import org.apache.ratis.server.storage.RaftStorage;
            import org.apache.ratis.statemachine.StateMachine;
            import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
            """;

    /** What a block takes for granted. */
    private static final String GIVEN = """
            UUID GROUP;
            RaftPeer peer2;
            RaftPeer peer3;
            Path source;
            RaftPeerId id;
            RaftGroup group;
            RaftProperties properties;
            Parameters parameters;
            StateMachine.Registry applicationsOwn;
            FileReplicationNode node;
            FileReplication files;
            FileReplicationPlugin plugin;
            RaftServer server;
            Executor executor;
            OutputStream out;
            InputStream in;
            """;

    private Snippets() {}

    /** The compiler's complaints about {@code block}, by line of the document; classes go to {@code output}. */
    static List<String> complaints(Documents.Block block, Path output) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        String before = IMPORTS + "abstract class Snippet {\n" + GIVEN + "void snippet() throws Exception {\n";
        String after = "\n}\n}\n";
        List<String> options =
                List.of("-classpath", System.getProperty("java.class.path"), "-proc:none", "-d", output.toString());
        boolean unused = compiler.getTask(
                        null, null, diagnostics, options, null, List.of(new Source(before + block.text() + after)))
                .call();
        long linesBefore = before.lines().count();
        List<String> complaints = new ArrayList<>();
        for (Diagnostic<? extends JavaFileObject> found : diagnostics.getDiagnostics()) {
            if (found.getKind() == Diagnostic.Kind.ERROR) {
                long line = block.line() + found.getLineNumber() - linesBefore;
                complaints.add(block.document().getFileName() + ":" + line + " " + found.getMessage(Locale.ROOT));
            }
        }
        return complaints;
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            super(URI.create("string:///Snippet.java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
