package io.filereplication.storage;

import io.filereplication.FileVersion;
import io.filereplication.Sha256;

/**
 * What this node durably knows of one file on its own disk: that it published or verified exactly this version.
 *
 * @param version the version whose bytes are here
 * @param sha256 their digest
 * @param stamp how the file looked when that was last true
 */
public record LocalRecord(FileVersion version, Sha256 sha256, FileStamp stamp) {}
