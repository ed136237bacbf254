package io.filereplication.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileIdentityTest {
    @TempDir
    private Path directory;

    @Test
    void isWhatThePlatformSaysByName() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
        for (Path path : new Path[] {directory, Files.createFile(directory.resolve("file")), link}) {
            FileIdentity identity = FileIdentity.of(
                    path, Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));

            assertThat(identity.device()).isEqualTo(Files.getAttribute(path, "unix:dev", LinkOption.NOFOLLOW_LINKS));
            assertThat(identity.inode()).isEqualTo(Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS));
        }
    }

    @Test
    void understandsOneFormOnly() {
        assertThat(FileIdentity.parse("(dev=fe01,ino=4711)")).isEqualTo(new FileIdentity(0xfe01, 4711));
        for (String other : new String[] {"", "null", "(dev=fe01)", "(dev=xyz,ino=1)", "(dev=1,ino=)", "dev=1,ino=2"}) {
            assertThat(FileIdentity.parse(other)).as(other).isNull();
        }
    }
}
