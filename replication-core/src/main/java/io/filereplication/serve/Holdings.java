package io.filereplication.serve;

import io.filereplication.ManifestView;
import io.filereplication.Membership;
import io.filereplication.storage.LocalFiles;
import java.util.Objects;

/**
 * What a server has to give, and to whom.
 *
 * @param manifest says which versions there are
 * @param files has their bytes
 * @param members may ask for them
 * @param reverification hears which files have to be hashed before they can be served
 */
public record Holdings(ManifestView manifest, LocalFiles files, Membership members, Reverification reverification) {
    public Holdings {
        Objects.requireNonNull(manifest, "manifest");
        Objects.requireNonNull(files, "files");
        Objects.requireNonNull(members, "members");
        Objects.requireNonNull(reverification, "reverification");
    }
}
