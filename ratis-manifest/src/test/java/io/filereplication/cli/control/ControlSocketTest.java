package io.filereplication.cli.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a control socket may be, and whose it is. */
class ControlSocketTest {
    @TempDir
    Path directory;

    @Test
    void onlyItsOwnerMayUseIt() throws Exception {
        Path path = directory.resolve("s");
        try (ServerSocketChannel server = ControlSocket.listen(path);
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
                SocketChannel accepted = server.accept()) {
            UserPrincipal owner = Files.getOwner(path);
            UserPrincipal somebodyElse = () -> "somebody else";

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
            assertThat(client.isConnected()).isTrue();
            assertThat(ControlSocket.isOwn(accepted, owner)).isTrue();
            if (!owner.getName().equals("root")) {
                assertThat(ControlSocket.isOwn(accepted, somebodyElse)).isFalse();
            }
        }
    }

    @Test
    void aDirectoryThatOthersMayWriteToIsRefusedWithTheWayOut() throws Exception {
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxr-x"));

        assertThatThrownBy(() -> ControlSocket.listen(open.resolve("s")))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("chmod go-w " + open);
        assertThat(open).isEmptyDirectory();
    }

    @Test
    void aFileThatIsThereIsNeverTakenForAStaleSocket() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "precious");

        assertThatThrownBy(() -> ControlSocket.listen(secret))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("not a control socket");

        assertThat(secret).hasContent("precious");
    }

    @Test
    void aPathThatIsTooLongForThePlatformIsRefusedWithTheWayOut() {
        Path tooLong = directory.resolve("x".repeat(ControlSocket.MAX_PATH_BYTES));

        assertThatThrownBy(() -> ControlSocket.listen(tooLong))
                .hasMessageContaining("106")
                .hasMessageContaining("--socket");
        assertThatThrownBy(() -> ControlSocket.connect(tooLong)).hasMessageContaining("106");
    }

    @Test
    void thePathMayBeAsLongAsThePlatformAllows() throws Exception {
        int room = ControlSocket.MAX_PATH_BYTES - directory.toString().length() - 1;
        Path longest = directory.resolve("x".repeat(room));

        ControlSocket.listen(longest).close();

        assertThat(longest).exists();
    }

    @Test
    void theSocketOfAKilledNodeIsReplacedAndThatOfARunningOneIsNot() throws Exception {
        Path path = directory.resolve("s");
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();

        try (ServerSocketChannel server = ControlSocket.listen(path)) {
            assertThat(server.isOpen()).isTrue();
            assertThatThrownBy(() -> ControlSocket.listen(path)).hasMessageContaining("already");
            assertThat(path).exists();
        }
    }

    @Test
    void whereNobodyListensACommandSaysSo() {
        assertThatThrownBy(() -> ControlSocket.connect(directory.resolve("none")))
                .isInstanceOfSatisfying(
                        CommandFailure.class,
                        failure -> assertThat(failure.code()).isEqualTo(ExitCode.NO_NODE));
    }
}
