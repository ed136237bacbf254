package io.filereplication.demo;

import java.util.List;

/**
 * What hashing every file of a node against the manifest found.
 *
 * @param files files with the manifest's size and SHA-256
 * @param bytes their sizes
 * @param absent registered files that are not on the disk
 * @param different files with another size or digest
 * @param unknown files on the disk that are not registered
 * @param digest SHA-256 over path, size and computed digest of all the files that were found, in path order
 * @param findings the first few absent, different or unknown files, a sentence each
 */
record TreeReport(
        long files, long bytes, long absent, long different, long unknown, String digest, List<String> findings) {
    TreeReport {
        findings = List.copyOf(findings);
    }

    Fields toFields() {
        Fields fields = Fields.NONE
                .with("files", files)
                .with("bytes", bytes)
                .with("absent", absent)
                .with("different", different)
                .with("unknown", unknown)
                .with("digest", digest);
        return findings.isEmpty() ? fields : fields.with("findings", String.join("\n", findings));
    }

    static TreeReport of(Fields fields) {
        return new TreeReport(
                fields.number("files"),
                fields.number("bytes"),
                fields.number("absent"),
                fields.number("different"),
                fields.number("unknown"),
                fields.text("digest"),
                fields.has("findings") ? List.of(fields.text("findings").split("\n", -1)) : List.of());
    }
}
