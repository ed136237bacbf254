package io.filereplication.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import io.filereplication.GroupId;
import io.filereplication.InvalidFilePathException;
import io.filereplication.NodeId;
import io.filereplication.Sha256;
import io.filereplication.fetch.AuthenticatedFetcher;
import io.filereplication.fetch.FetchConfig;
import io.filereplication.fetch.FetchItem;
import io.filereplication.fetch.FetchOutcome;
import io.filereplication.fetch.PeerHealth;
import io.filereplication.loopback.MemoryStagedFile;
import io.filereplication.loopback.MemoryTransport;
import io.filereplication.loopback.SampleFiles;
import io.filereplication.loopback.ServingNode;
import io.filereplication.loopback.SteppedScheduler;
import io.filereplication.serve.ServeCapacity;
import io.filereplication.serve.ServeConfig;
import io.filereplication.time.BandwidthLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/** Everything that a peer, or somebody who passes for one, can send; and the rules of paths and of secrets files. */
public final class WireFuzz {
    private static final NodeId CLIENT = NodeId.of("n1");
    private static final NodeId SERVER = NodeId.of("n2");
    private static final int ITEM = 8;

    private WireFuzz() {}

    /** A hello that is not ours stores nothing. */
    public static void hello(byte[] input) {
        Wired wired = new Wired();
        try {
            wired.server.answerHello(ByteBuffer.wrap(input));
        } catch (WireException e) {
            assertThat(wired.server.unproven()).isZero();
        }
        assertThat(wired.server.proven()).isZero();
    }

    /** No session comes of what the server did not tag. */
    public static void helloAnswer(byte[] input) {
        ClientHandshake handshake = new Wired().hello();
        try {
            handshake.complete(ByteBuffer.wrap(input));
            throw new AssertionError("A session without a genuine answer");
        } catch (WireException expected) {
            assertThat(expected.getMessage()).isNotEmpty();
        }
    }

    /** As it is; and as the rest of a request whose session exists. */
    public static void request(byte[] input) throws WireException {
        Wired wired = new Wired();
        ClientSession session = wired.connect();
        byte[] genuine = Wired.copy(Wired.request(session));
        byte[] moved = Arrays.copyOf(genuine, Math.max(24, Math.min(genuine.length, 24 + input.length)));
        System.arraycopy(input, 0, moved, 24, moved.length - 24);
        for (byte[] message : List.of(input, moved)) {
            if (Arrays.equals(message, genuine)) {
                continue;
            }
            try {
                wired.server.open(ByteBuffer.wrap(message));
                throw new AssertionError("A request that nobody tagged was opened");
            } catch (WireException expected) {
                assertThat(wired.server.proven()).isZero();
            }
            ServerSessions.kindOf(ByteBuffer.wrap(message));
        }
        wired.server.open(ByteBuffer.wrap(genuine));
    }

    /** The body of an authentic request: what is understood has one form, and keeps to every bound. */
    public static void requestItems(byte[] input) {
        int count = input.length == 0 ? 0 : input[0] & 0xff;
        ByteBuffer body = input.length == 0
                ? ByteBuffer.allocate(0)
                : ByteBuffer.wrap(input, 1, input.length - 1).slice();
        List<RequestedItem> items;
        try {
            items = RequestCodec.read(count, body);
        } catch (MalformedMessageException e) {
            return;
        }
        assertThat(items).hasSize(count);
        List<WantedRange> wanted = new ArrayList<>();
        long total = 0;
        for (RequestedItem item : items) {
            if (item instanceof WantedRange range) {
                wanted.add(range);
                total += range.length();
            }
        }
        assertThat(total).isBetween(0L, (long) Protocol.MAX_ANSWER_BYTES);
        if (wanted.size() == count) {
            ByteBuffer again = RequestCodec.write(
                    1, new SessionId(5, 6), 1, wanted, Wired.keys(10).tagger(MessageKind.REQUEST));
            ByteBuffer items2 = again.slice(
                    Protocol.REQUEST_HEADER_BYTES, again.limit() - Protocol.REQUEST_HEADER_BYTES - Protocol.TAG_BYTES);
            assertThat(items2).isEqualTo(body);
        }
    }

    /** Packets that nobody tagged, cut into buffers anywhere. */
    public static void answer(byte[] input) {
        int cut = input.length == 0 ? 0 : (input[0] & 0xff) % input.length;
        PacketReader packet = new PacketReader(
                List.of(ByteBuffer.wrap(input, 0, cut), ByteBuffer.wrap(input, cut, input.length - cut)));
        AnswerReader reader = Wired.reader(3, Wired.TWO_FILES);
        try {
            while (packet.hasNext()) {
                AnswerMessage message = reader.next(packet);
                assertThat(genuine(input)).as("a forged " + message).isTrue();
            }
        } catch (WireException expected) {
            assertThat(expected.getMessage()).isNotEmpty();
        }
    }

    /** The committed corpus holds a genuine answer, of which a part may be left. */
    private static boolean genuine(byte[] input) {
        ByteBuffer start = ByteBuffer.wrap(input);
        byte[] first = Wired.answer(3).get(0);
        return start.remaining() >= first.length && start.slice(0, first.length).equals(ByteBuffer.wrap(first));
    }

    /**
     * A peer with the keys seals what it likes: each eight bytes of the input are one message. The reader goes no further than
     * an answer in order, and what it calls complete is complete.
     */
    public static void authenticAnswer(byte[] input) {
        AnswerSealer sealer = Wired.sealer(3);
        AnswerReader reader = Wired.reader(3, Wired.TWO_FILES);
        long[] received = new long[2];
        boolean[] refused = new boolean[2];
        boolean all = false;
        for (int at = 0; at + ITEM <= input.length && !reader.isOver(); at += ITEM) {
            ByteBuffer out = ByteBuffer.allocate(400);
            seal(sealer, ByteBuffer.wrap(input, at, ITEM).slice(), out);
            PacketReader packet = new PacketReader(List.of(out.flip()));
            try {
                AnswerMessage message = reader.next(packet);
                if (message instanceof AnswerMessage.Frame frame) {
                    assertThat(frame.offset()).isEqualTo(received[frame.item()]);
                    received[frame.item()] += frame.length();
                } else if (message instanceof AnswerMessage.Refused refusal) {
                    refused[refusal.item()] = true;
                } else if (message instanceof AnswerMessage.AllRefused) {
                    all = true;
                }
            } catch (WireException refusedByReader) {
                return;
            }
        }
        if (reader.isOver() && !all) {
            assertThat(refused[0] || received[0] == 10).isTrue();
            assertThat(refused[1] || received[1] == 20).isTrue();
        }
    }

    private static void seal(AnswerSealer sealer, ByteBuffer choice, ByteBuffer out) {
        int kind = choice.get() & 7;
        int item = choice.get() & 3;
        int offset = choice.getShort();
        int length = choice.getShort();
        switch (kind) {
            case 0, 1 -> sealer.acknowledgement(out, item, offset, length, Sha256.OF_EMPTY);
            case 2 -> sealer.refusal(out, item, code(choice.get()));
            case 3, 4 -> {
                sealer.frameHeader(out, item, offset, length, Sha256.OF_EMPTY);
                out.put(new byte[Math.max(0, Math.min(length, 100))]);
            }
            case 5 -> sealer.waiting(out);
            case 6 -> sealer.trailer(out);
            default -> sealer.refuseAll(out, code(choice.get()));
        }
    }

    private static RefusalCode code(byte choice) {
        return Objects.requireNonNull(RefusalCode.of(1 + (choice & 7)));
    }

    /** A whole serving node gets it, as it is and inside a genuine session; it answers uniformly and keeps nothing. */
    public static void server(byte[] input) throws IOException, WireException {
        SteppedScheduler scheduler = new SteppedScheduler();
        ServingNode node = new ServingNode(SERVER, Set.of(CLIENT, SERVER), ServeConfig.defaults(), scheduler);
        node.hold("a/b", 5, SampleFiles.content(1, 100));
        ByteBuffer message = ByteBuffer.wrap(input).asReadOnlyBuffer();
        List<ByteBuffer> answers = new ArrayList<>();
        node.server().serve(message, answer -> answers.add(copy(answer)));
        assertThat(answers).containsExactly(Unproven.message());
        new RawRequest(node, new Random(1)).serveItem(input);
        assertThat(node.capacity.usage())
                .isIn(new ServeCapacity.Usage(0, 0, 0, 0, 0, 0, 0), new ServeCapacity.Usage(0, 0, 0, 0, 0, 0, 1));
        assertThat(node.files.openFiles()).isZero();
        assertThat(scheduler.pending()).isZero();
    }

    /** A server answers a fetch with it, behind a genuine acknowledgement or without: nothing is staged, nothing is kept. */
    public static void client(byte[] input) throws InterruptedException {
        SteppedScheduler scheduler = new SteppedScheduler();
        MemoryTransport network = new MemoryTransport(scheduler);
        ServingNode node = new ServingNode(SERVER, Set.of(CLIENT, SERVER), ServeConfig.defaults(), scheduler);
        byte[] content = SampleFiles.content(1, 100);
        FileEntry entry = node.hold("a/b", 5, content);
        network.connect(SERVER, (request, out) -> node.server().serve(request, out));
        network.onAnswer(packets -> {
            byte[] first = packets.isEmpty() ? new byte[0] : packets.get(0).bytes();
            if (first.length > 5 && first[5] == MessageKind.HELLO_ANSWER.code()) {
                return packets;
            }
            int kept = input.length > 0 && input[0] == 'A' ? Math.min(first.length, Protocol.ACKNOWLEDGEMENT_BYTES) : 0;
            byte[] answer = Arrays.copyOf(first, kept + input.length);
            System.arraycopy(input, 0, answer, kept, input.length);
            return List.of(new MemoryTransport.Sent(answer, 0));
        });
        try (AuthenticatedFetcher fetcher = new AuthenticatedFetcher(
                ServingNode.credentials(CLIENT),
                network,
                FetchConfig.defaults(),
                new BandwidthLimits<>(scheduler),
                new PeerHealth(scheduler),
                scheduler,
                new Random(1))) {
            FetchItem item = new FetchItem(
                    entry,
                    new MemoryStagedFile(entry.version(), content, 0),
                    SampleFiles.hasher(content, 0),
                    () -> false);
            assertThat(fetcher.fetch(SERVER, List.of(item))).hasOnlyElementsOfType(FetchOutcome.Failed.class);
            assertThat(item.destination().length()).isZero();
        }
        assertThat(network.unread()).isZero();
        assertThat(scheduler.pending()).isZero();
    }

    /** A path that is accepted has one form, keeps its bounds, and leads nowhere but below the root. */
    public static void path(byte[] input) {
        FilePath path;
        try {
            path = FilePath.ofUtf8(input);
        } catch (InvalidFilePathException e) {
            return;
        }
        assertThat(path.toUtf8()).isEqualTo(input);
        assertThat(FilePath.of(path.value())).isEqualTo(path);
        assertThat(input.length).isBetween(1, FilePath.MAX_BYTES);
        Path root = Path.of("/root/of/all");
        Path resolved = root.resolve(path.value());
        assertThat(resolved.normalize()).isEqualTo(resolved);
        assertThat(resolved.startsWith(root)).isTrue();
        assertThat(resolved).isNotEqualTo(root);
        for (String segment : path.value().split("/", -1)) {
            assertThat(segment).isNotIn("", ".", "..").doesNotContain("\\", ":", "\0");
            assertThat(segment.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(FilePath.MAX_SEGMENT_BYTES);
        }
        assertThat(path.value()).isNotEqualTo(FilePath.RESERVED_SEGMENT);
        assertThat(path.value()).doesNotStartWith(FilePath.RESERVED_SEGMENT + "/");
    }

    /** A secrets file is understood or refused; a refusal quotes nothing of it, and no secret is shown. */
    public static void secrets(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        try {
            ClusterSecrets secrets = ClusterSecrets.ofText(text, "a test");
            assertThat(secrets.primary().bytes().length).isGreaterThanOrEqualTo(ClusterSecrets.MIN_SECRET_BYTES);
            new Credentials(secrets, "", GroupId.of("00000000-0000-0000-0000-00000000a1b2"), CLIENT);
        } catch (IOException e) {
            text.lines()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .filter(secret -> secret.length() >= 16)
                    .forEach(secret -> assertThat(e.getMessage()).doesNotContain(secret));
        }
    }

    private static ByteBuffer copy(ByteBuffer message) {
        return ByteBuffer.allocate(message.remaining()).put(message).flip();
    }
}
