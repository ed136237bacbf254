package io.filereplication.storage;

import io.filereplication.FilePath;
import io.filereplication.storage.StorageBackend.Area;
import io.filereplication.storage.StorageBackend.OwnName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The directory {@code .filereplication} below a root, with one directory for each {@link Area}. Thread-safe. */
final class OwnDirectories {
    /**
     * What lies in the own directory is not published: bytes that are not verified, files that were removed. Nobody else gets in,
     * so a staged file itself can have the permissions that it is to have when it is published: the process's.
     */
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final LocalTree tree;
    private final Path root;
    private final Map<Area, Path> areas = new EnumMap<>(Area.class);
    private final Map<Area, Long> keys = new EnumMap<>(Area.class);

    /** Makes the own directory of {@code tree}, but none of its areas, when there is none. */
    OwnDirectories(LocalTree tree) throws IOException, PathConflictException {
        this.tree = tree;
        this.root = tree.root().resolve(FilePath.RESERVED_SEGMENT);
        make(root);
    }

    private void make(Path directory) throws IOException, PathConflictException {
        if (!tree.check(directory)) {
            Files.createDirectory(directory, OWNER_ONLY);
        }
    }

    /** Makes the areas that are missing and remembers which directories they are. Durable on return. */
    void makeAreas() throws IOException, PathConflictException {
        for (Area area : Area.values()) {
            Path directory = root.resolve(area.name().toLowerCase(Locale.ROOT));
            make(directory);
            LocalTree.Node node = LocalTree.look(directory);
            areas.put(area, directory);
            keys.put(area, node == null ? 0 : node.stamp().fileKey());
        }
        LocalTree.sync(root);
        LocalTree.sync(tree.root());
    }

    Path root() {
        return root;
    }

    /** The area's directory, looked at anew: it must be the very directory that it was at the start. */
    Path place(Area area) throws IOException, PathConflictException {
        Path directory = areas.getOrDefault(area, root);
        if (!tree.isStill(directory, keys.getOrDefault(area, 0L))) {
            throw new PathConflictException("Directory " + directory
                    + " is not the one any more that it was at the start; was the disk unmounted?");
        }
        return directory;
    }

    /** Where the file named {@code name} lies. */
    Path place(OwnName name) throws IOException, PathConflictException {
        return place(name.area()).resolve(name.name());
    }

    /** Makes the names in {@code area} durable. */
    void sync(Area area) throws IOException, PathConflictException {
        LocalTree.sync(place(area));
    }

    /** The legal names in {@code area}. */
    List<String> names(Area area) throws IOException, PathConflictException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(place(area))) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (OwnName.isLegal(name)) {
                    names.add(name);
                }
            }
        }
        return names;
    }
}
