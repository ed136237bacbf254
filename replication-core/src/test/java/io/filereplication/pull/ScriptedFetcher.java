package io.filereplication.pull;

import io.filereplication.FileEntry;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import io.filereplication.fetch.FetchCancelledException;
import io.filereplication.fetch.FetchException;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.fetch.Fetcher;
import io.filereplication.fetch.FileNotOnPeerException;
import io.filereplication.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Peers in memory. Each has the contents it was given, and does what it was told to for as many exchanges as it was told. */
final class ScriptedFetcher implements Fetcher {
    /** One exchange as it was asked for. */
    record Asked(NodeId peer, FileEntry entry, long offset) {}

    /** What a peer does with one item. */
    @FunctionalInterface
    interface Reply {
        FetchOutcome to(FetchItem item) throws StorageException, InterruptedException;
    }

    private final Map<NodeId, Map<Sha256, byte[]>> contents = new LinkedHashMap<>();
    private final Map<NodeId, Deque<Reply>> once = new HashMap<>();
    private final Map<NodeId, Reply> always = new HashMap<>();
    final List<Asked> asked = new ArrayList<>();
    final List<Integer> batchSizes = new ArrayList<>();
    final List<NodeId> reported = new ArrayList<>();
    /** Happens before each item is answered. */
    Runnable hook = () -> {};

    void has(NodeId peer, byte[] content) {
        contents.computeIfAbsent(peer, p -> new HashMap<>()).put(FakeManifest.digest(content), content);
    }

    void lose(NodeId peer, byte[] content) {
        contents.getOrDefault(peer, new HashMap<>()).remove(FakeManifest.digest(content));
    }

    void once(NodeId peer, Reply reply) {
        once.computeIfAbsent(peer, p -> new ArrayDeque<>()).add(reply);
    }

    void always(NodeId peer, Reply reply) {
        always.put(peer, reply);
    }

    void heal(NodeId peer) {
        always.remove(peer);
    }

    static Reply fails(Supplier<FetchException> reason) {
        return item -> new FetchOutcome.Failed(reason.get(), 0);
    }

    /** Sends {@code bytes} more of the true content, then fails. */
    Reply breaksAfter(NodeId peer, int bytes, Supplier<FetchException> reason) {
        return item -> {
            byte[] content = content(peer, item.entry());
            int from = (int) item.offset();
            append(item, Arrays.copyOfRange(content, from, from + bytes));
            return new FetchOutcome.Failed(reason.get(), bytes);
        };
    }

    /** Sends other bytes of the right length as if they were right. */
    static Reply sendsWrongBytes() {
        return item -> {
            byte[] wrong = new byte[(int) (item.entry().sizeBytes() - item.offset())];
            append(item, wrong);
            return new FetchOutcome.Received(wrong.length);
        };
    }

    List<NodeId> askedPeers() {
        return asked.stream().map(Asked::peer).toList();
    }

    private byte[] content(NodeId peer, FileEntry entry) {
        byte[] content = contents.getOrDefault(peer, Map.of()).get(entry.sha256());
        if (content == null) {
            throw new AssertionError(peer + " was given no content of " + entry);
        }
        return content;
    }

    private static void append(FetchItem item, byte[] bytes) throws StorageException {
        item.destination().append(ByteBuffer.wrap(bytes));
        item.hasher().update(ByteBuffer.wrap(bytes));
    }

    @Override
    public List<FetchOutcome> fetch(NodeId peer, List<FetchItem> items) throws InterruptedException {
        batchSizes.add(items.size());
        List<FetchOutcome> outcomes = new ArrayList<>();
        for (FetchItem item : items) {
            asked.add(new Asked(peer, item.entry(), item.offset()));
            hook.run();
            outcomes.add(answer(peer, item));
        }
        return outcomes;
    }

    private FetchOutcome answer(NodeId peer, FetchItem item) throws InterruptedException {
        if (item.cancelled().getAsBoolean()) {
            return new FetchOutcome.Failed(new FetchCancelledException("cancelled"), 0);
        }
        Reply reply = reply(peer);
        try {
            return reply != null ? reply.to(item) : send(peer, item);
        } catch (StorageException e) {
            return new FetchOutcome.NotStored(e, 0);
        }
    }

    private @Nullable Reply reply(NodeId peer) {
        Deque<Reply> queue = once.get(peer);
        Reply first = queue == null ? null : queue.pollFirst();
        return first != null ? first : always.get(peer);
    }

    private FetchOutcome send(NodeId peer, FetchItem item) throws StorageException {
        byte[] content = contents.getOrDefault(peer, Map.of()).get(item.entry().sha256());
        if (content == null) {
            return new FetchOutcome.Failed(new FileNotOnPeerException(peer + " does not have it"), 0);
        }
        byte[] rest = Arrays.copyOfRange(content, (int) item.offset(), content.length);
        append(item, rest);
        return new FetchOutcome.Received(rest.length);
    }

    @Override
    public void reportMismatch(NodeId peer, FileEntry entry) {
        reported.add(peer);
    }

    @Override
    public void close() {}
}
