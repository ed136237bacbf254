package io.filereplication.client;

import io.filereplication.manifest.BatchResult;
import io.filereplication.manifest.Operation;
import io.filereplication.manifest.OperationId;
import io.filereplication.manifest.Proposals;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One caller's batch on its way. Its deadline runs from when it was submitted. */
record Call(
        OperationId id,
        List<Operation> operations,
        int bytes,
        long deadlineNanos,
        CompletableFuture<BatchResult> answer) {

    static int bytesOf(List<Operation> operations) {
        long bytes = Proposals.BATCH_OVERHEAD_BYTES;
        for (Operation operation : operations) {
            bytes += Proposals.maxEncodedBytes(operation);
        }
        return (int) Math.min(bytes, Integer.MAX_VALUE);
    }
}
