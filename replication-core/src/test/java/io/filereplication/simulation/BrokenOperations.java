package io.filereplication.simulation;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.FileVersion;
import io.filereplication.Lsn;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.pull.Puller;
import io.filereplication.pull.PullerConfig;
import io.filereplication.pull.ReplicationFilter;
import io.filereplication.storage.LocalFiles;
import io.filereplication.storage.LocalRecord;
import io.filereplication.storage.ResumeNotSupportedException;
import io.filereplication.storage.StagedFile;
import io.filereplication.storage.StorageException;
import io.filereplication.time.BandwidthLimits;
import java.time.Duration;
import java.util.OptionalLong;

/** What an operator or an application asks for and does not get, one each. */
final class BrokenOperations {
    private BrokenOperations() {}

    static Variant ignoresPauses() {
        return new Variant() {
            @Override
            public void pause(Puller puller) {}
        };
    }

    static Variant ignoresLimits() {
        return new Variant() {
            @Override
            public void limit(BandwidthLimits<NodeId> incoming, OptionalLong bytesPerSecond) {}
        };
    }

    /** The old secret goes from one node before the new one is known to the others. */
    static Variant rotatesCarelessly() {
        return new Variant() {
            @Override
            public boolean rotatesCarelessly() {
                return true;
            }
        };
    }

    static Variant ignoresTheFilter() {
        return new Variant() {
            @Override
            public PullerConfig.Builder config(PullerConfig.Builder config) {
                return config.filter(ReplicationFilter.ALL);
            }
        };
    }

    /** An own file stays although others have registered what is not wanted here in its place. */
    static Variant keepsWhatIsLeftBehind() {
        return new Variant() {
            @Override
            public LocalFiles files(LocalFiles files, SimulatedNode node) {
                return new ForwardingFiles(files) {
                    @Override
                    public Removal remove(FilePath path, Lsn before, Disposal disposal, ManifestView manifest)
                            throws StorageException, InterruptedException {
                        return disposal == Disposal.LEFT_BEHIND
                                ? Removal.STILL_WANTED
                                : super.remove(path, before, disposal, manifest);
                    }
                };
            }
        };
    }

    /** What was registered where it lies is never taken for here. */
    static Variant overlooksFilesInPlace() {
        return new Variant() {
            @Override
            public LocalFiles files(LocalFiles files, SimulatedNode node) {
                return new ForwardingFiles(files) {
                    @Override
                    public boolean records(FileVersion version) {
                        LocalRecord record = record(version.path());
                        boolean overlooked = record != null && node.inPlace().contains(record.sha256());
                        return !overlooked && super.records(version);
                    }

                    @Override
                    public Presence presence(FileEntry entry) throws StorageException {
                        return node.inPlace().contains(entry.sha256()) ? Presence.ABSENT : super.presence(entry);
                    }
                };
            }
        };
    }

    /** A file that is being registered where it lies is removed as if nobody did. */
    static Variant removesWhatIsBeingRegistered() {
        return new Variant() {
            @Override
            public LocalFiles files(LocalFiles files, SimulatedNode node) {
                return new ForwardingFiles(files) {
                    @Override
                    public HashedFile hashInPlace(FilePath path) throws StorageException, InterruptedException {
                        HashedFile hashed = super.hashInPlace(path);
                        super.registrationOver(path);
                        return hashed;
                    }
                };
            }
        };
    }

    /** What a process proposed is taken to have died with it. */
    static Variant forgetsEarlierProposals() {
        return new Variant() {
            @Override
            public PullerConfig.Builder config(PullerConfig.Builder config) {
                return config.longestProposal(Duration.ofNanos(1));
            }
        };
    }

    /** What an earlier process may be registering where it lies is removed and replaced like anything else. */
    static Variant removesWhatWasBeingRegistered() {
        return new Variant() {
            @Override
            public LocalFiles files(LocalFiles files, SimulatedNode node) {
                return new ForwardingFiles(files) {
                    @Override
                    public void barrierPassed(long appliedIndex) {
                        super.barrierPassed(appliedIndex);
                        super.earlierProposalsOver();
                    }
                };
            }
        };
    }

    /** What cannot be continued cannot be begun again either. */
    static Variant cannotBeginAgain() {
        return new Variant() {
            @Override
            public int largeFilesPercent() {
                return 40;
            }

            @Override
            public LocalFiles files(LocalFiles files, SimulatedNode node) {
                return new BrokenFiles.Unwrapping(files) {
                    @Override
                    public StagedFile stage(FileEntry entry) throws StorageException {
                        return new Unyielding(super.stage(entry), node);
                    }
                };
            }
        };
    }

    private static final class Unyielding extends ForwardingStaged {
        private final SimulatedNode node;

        Unyielding(StagedFile staged, SimulatedNode node) {
            super(staged);
            this.node = node;
        }

        @Override
        public void truncate(long length) throws StorageException {
            if (node.isAppendless() && length() > 0) {
                throw new ResumeNotSupportedException("Staged bytes can neither be continued nor dropped");
            }
            super.truncate(length);
        }
    }
}
