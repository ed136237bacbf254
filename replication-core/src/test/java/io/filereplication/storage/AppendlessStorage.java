package io.filereplication.storage;

import java.nio.ByteBuffer;

/** A storage that cannot continue what an earlier handle staged, as an object store. */
public final class AppendlessStorage extends ForwardingStorage {
    public AppendlessStorage(StorageBackend to) {
        super(to);
    }

    @Override
    public WriteHandle write(OwnName name) throws StorageException {
        WriteHandle handle = super.write(name);
        return handle.length() > 0 && name.area() != Area.RECORDS ? new Finished(handle) : handle;
    }

    private static final class Finished extends ForwardingHandle {
        private boolean begunAgain;

        Finished(WriteHandle to) {
            super(to);
        }

        @Override
        public void append(ByteBuffer bytes) throws StorageException {
            refuseToContinue();
            super.append(bytes);
        }

        @Override
        public void truncate(long length) throws StorageException {
            if (length > 0) {
                refuseToContinue();
            }
            begunAgain = true;
            super.truncate(length);
        }

        private void refuseToContinue() throws ResumeNotSupportedException {
            if (!begunAgain) {
                throw new ResumeNotSupportedException("Staged bytes cannot be continued");
            }
        }
    }
}
