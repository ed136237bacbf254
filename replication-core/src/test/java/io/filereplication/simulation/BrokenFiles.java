package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.ManifestView;
import io.filereplication.PrefixDigests;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalRecord;
import io.filereplication.storage.OpenFile;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Local files with the bugs of docs/failures.md, one each. */
final class BrokenFiles {
    private BrokenFiles() {}

    private static Variant files(BiFunction<LocalFiles, SimulatedNode, LocalFiles> broken) {
        return new Variant() {
            @Override
            public LocalFiles files(LocalFiles files, SimulatedNode node) {
                return broken.apply(files, node);
            }
        };
    }

    /** Unpacks a wrapped staged file before it is published. */
    static class Unwrapping extends ForwardingFiles {
        Unwrapping(LocalFiles files) {
            super(files);
        }

        @Override
        public Publication publish(StagedFile staged, PrefixDigests digests, FileEntry entry, ManifestView manifest)
                throws StorageException, InterruptedException {
            return super.publish(ForwardingStaged.innerOf(staged), digests, entry, manifest);
        }

        @Override
        public List<Outcome> publishAll(List<Whole> whole, ManifestView manifest) {
            return super.publishAll(
                    whole.stream()
                            .map(file ->
                                    new Whole(ForwardingStaged.innerOf(file.staged()), file.digests(), file.entry()))
                            .toList(),
                    manifest);
        }
    }

    /** What is staged at full size is the finished file, and what was found to be bad stays. */
    static LocalFiles fullSizeIsFinished(LocalFiles files) {
        return new Unwrapping(files) {
            @Override
            public StagedFile stage(FileEntry entry) throws StorageException {
                return new ForwardingStaged(super.stage(entry)) {
                    @Override
                    public @Nullable PrefixDigests writtenDigests() {
                        boolean full = length() == entry.sizeBytes() && length() > 0;
                        boolean small = entry.sizeBytes() <= PrefixDigests.CHUNK_BYTES;
                        return full && small ? claimed(entry) : super.writtenDigests();
                    }

                    @Override
                    public void discard() {
                        close();
                    }
                };
            }
        };
    }

    private static PrefixDigests claimed(FileEntry entry) {
        return PrefixDigests.of(
                entry.sizeBytes() == 0 ? new byte[0] : entry.sha256().toBytes(), entry.sizeBytes());
    }

    /** For a moment, and after a crash in it for longer, a registered path has no file. */
    static Variant makesRoomFirst() {
        return new Variant() {
            @Override
            public boolean makesRoomFirst() {
                return true;
            }
        };
    }

    /** A pull that nobody can be asked for is over. */
    static Variant withoutPeersItIsHere() {
        return files((files, node) -> new ForwardingFiles(files) {
            @Override
            public Presence presence(FileEntry entry) throws StorageException {
                Life life = node.life();
                return life != null && !life.knowsMembers() ? Presence.HERE : super.presence(entry);
            }
        });
    }

    /** The beginning of the published older version ends up in the staged file. */
    static Variant mixesVersions() {
        return files((files, node) -> new Unwrapping(files) {
            @Override
            public StagedFile stage(FileEntry entry) throws StorageException {
                byte[] older = node.storage().published().get(entry.path());
                StagedFile staged = super.stage(entry);
                return older == null || staged.writtenDigests() != null ? staged : mixing(staged, older);
            }
        });
    }

    private static StagedFile mixing(StagedFile staged, byte[] older) {
        return new ForwardingStaged(staged) {
            @Override
            public void append(ByteBuffer bytes) throws StorageException {
                ByteBuffer mixed = ByteBuffer.allocate(bytes.remaining());
                for (long at = length(); bytes.hasRemaining(); at++) {
                    byte next = bytes.get();
                    mixed.put(at < older.length / 2 ? older[(int) at] : next);
                }
                super.append(mixed.flip());
            }
        };
    }

    /** A file of the right size is here. */
    static Variant sizeIsEnough() {
        return files((files, node) -> new ForwardingFiles(files) {
            @Override
            public Presence presence(FileEntry entry) throws StorageException {
                byte[] there = node.storage().published().get(entry.path());
                return there != null && there.length == entry.sizeBytes() ? Presence.HERE : super.presence(entry);
            }
        });
    }

    /** What this node wrote itself is here. */
    static Variant originTrustsItself() {
        return files((files, node) -> new ForwardingFiles(files) {
            private boolean wroteIt(FileEntry entry) {
                LocalRecord record = record(entry.path());
                return entry.originNodeId().equals(node.id())
                        && record != null
                        && record.version().equals(entry.version());
            }

            @Override
            public Presence presence(FileEntry entry) throws StorageException {
                return wroteIt(entry) ? Presence.HERE : super.presence(entry);
            }

            @Override
            public Presence verify(FileEntry entry, long bytesPerSecond) throws StorageException, InterruptedException {
                return wroteIt(entry) ? Presence.HERE : super.verify(entry, bytesPerSecond);
            }
        });
    }

    /** Whatever lies at the path is sent under the digest that was asked for. */
    static Variant servesWhatItHas() {
        return files((files, node) -> new ForwardingFiles(files) {
            @Override
            public Opening open(FileEntry entry) throws StorageException {
                Opening opening = super.open(entry);
                byte[] there = node.storage().published().get(entry.path());
                boolean small = entry.sizeBytes() <= PrefixDigests.CHUNK_BYTES;
                boolean stale = there != null && there.length > 0 && small && opening instanceof Opening.NotHere;
                return stale ? new Opening.Opened(new StaleFile(entry, there)) : opening;
            }
        });
    }

    /** A copy that was found to be bad is only busy, whoever asks. */
    static Variant isBusyWithBadCopies() {
        return files((files, node) -> new ForwardingFiles(files) {
            @Override
            public Opening open(FileEntry entry) throws StorageException {
                Opening opening = super.open(entry);
                boolean bad = opening instanceof Opening.NotHere
                        && node.storage().published().containsKey(entry.path());
                return bad ? new Opening.NotReady() : opening;
            }
        });
    }

    /** Older bytes under a newer version's name, repeated up to its size. */
    private static final class StaleFile implements OpenFile {
        private final FileEntry entry;
        private final byte[] bytes;

        StaleFile(FileEntry entry, byte[] bytes) {
            this.entry = entry;
            this.bytes = bytes;
        }

        @Override
        public FileVersion version() {
            return entry.version();
        }

        @Override
        public long sizeBytes() {
            return entry.sizeBytes();
        }

        @Override
        public PrefixDigests digests() {
            return claimed(entry);
        }

        @Override
        public int read(ByteBuffer target, long position) {
            if (position >= sizeBytes()) {
                return -1;
            }
            int count = 0;
            for (long at = position; target.hasRemaining() && at < sizeBytes(); at++, count++) {
                target.put(bytes[(int) (at % bytes.length)]);
            }
            return count;
        }

        @Override
        public void close() {}
    }

    /** Every attempt begins with an empty staged file. */
    static Variant truncatesAtEachAttempt() {
        return new Variant() {
            @Override
            public int largeFilesPercent() {
                return 40;
            }

            @Override
            public LocalFiles files(LocalFiles files, SimulatedNode node) {
                return new ForwardingFiles(files) {
                    @Override
                    public StagedFile stage(FileEntry entry) throws StorageException {
                        StagedFile staged = super.stage(entry);
                        staged.truncate(0);
                        return staged;
                    }
                };
            }
        };
    }

    /** A walk finds nothing to remove. */
    static Variant forgetsWhatToRemove() {
        return files((files, node) -> new ForwardingFiles(files) {
            @Override
            public List<LocalRecord> page(@Nullable FilePath after, int limit) {
                return List.of();
            }
        });
    }

    /** Nobody deletes abandoned staged files. */
    static Variant leaksStagedFiles() {
        return files((files, node) -> new ForwardingFiles(files) {
            @Override
            public void dropStaged(StagedFilter wanted) {}
        });
    }

    /** An empty file has a bad offset. */
    static Variant refusesEmptyFiles() {
        return files((files, node) -> new ForwardingFiles(files) {
            @Override
            public StagedFile stage(FileEntry entry) throws StorageException {
                if (entry.sizeBytes() == 0) {
                    throw new StorageException("Offset 0 is not below the size");
                }
                return super.stage(entry);
            }
        });
    }
}
