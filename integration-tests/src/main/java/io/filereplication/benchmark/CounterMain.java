package io.filereplication.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;

/**
 * A bare Ratis server whose state machine counts, as what a commit costs at least: {@code CounterMain DIRECTORY SELF PEER...}, a
 * peer being {@code id,raft-port,unused}. Two commands: {@code leader}, and {@code count}, which answers how many nanoseconds one
 * increment took from its submission here to its answer.
 */
final class CounterMain {
    private static final RaftGroupId GROUP = RaftGroupId.valueOf(new UUID(8, 8));

    private CounterMain() {}

    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);
        List<RaftPeer> peers = new ArrayList<>();
        for (String peer : List.of(args).subList(2, args.length)) {
            peers.add(NodeMain.peer(peer));
        }
        RaftPeer self = NodeMain.peer(args[1]);
        RaftGroup group = RaftGroup.valueOf(GROUP, peers);
        RaftProperties properties = NodeMain.properties();
        RaftServerConfigKeys.setStorageDir(
                properties, List.of(Path.of(args[0]).resolve("raft").toFile()));
        GrpcConfigKeys.Server.setPort(properties, Integer.parseInt(args[1].split(",", -1)[1]));
        try (RaftServer server = RaftServer.newBuilder()
                        .setServerId(self.getId())
                        .setGroup(group)
                        .setProperties(properties)
                        .setStateMachine(new Counter())
                        .build();
                RaftClient client = RaftClient.newBuilder()
                        .setRaftGroup(group)
                        .setProperties(properties)
                        .build()) {
            server.start();
            ChildProcess.serve(answers, words -> switch (words.get(0)) {
                case "leader" ->
                    Boolean.toString(server.getDivision(GROUP).getInfo().isLeaderReady());
                case "count" -> Long.toString(count(client));
                default -> throw new IllegalArgumentException(words.get(0));
            });
        }
        System.exit(0);
    }

    /** Sent in the same way as a node sends its registrations. */
    private static long count(RaftClient client) throws Exception {
        long began = System.nanoTime();
        if (!client.async().send(Message.valueOf("increment")).get().isSuccess()) {
            throw new IOException("An increment failed");
        }
        return System.nanoTime() - began;
    }

    private static final class Counter extends BaseStateMachine {
        private final AtomicLong count = new AtomicLong();

        @Override
        public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
            var entry = transaction.getLogEntry();
            updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
            return CompletableFuture.completedFuture(Message.valueOf(Long.toString(count.incrementAndGet())));
        }
    }
}
