package io.filereplication.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.filereplication.GroupId;
import io.filereplication.NodeId;
import io.filereplication.pull.PullTimings;
import io.filereplication.pull.ReplicationFilter;
import io.filereplication.storage.LocalFiles;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that are out of range or contradict each other are refused with their keys and values. */
class ReplicationSettingsTest {
    private static final NodeId SELF = NodeId.of("n1");

    @Test
    void defaultsAreAccepted() {
        ReplicationSettings settings = new ReplicationSettings(SELF, new RaftProperties());

        assertThat(settings.pull(new GroupId(new UUID(1, 2)), ReplicationFilter.ALL, PullTimings.NONE)
                        .workers())
                .isEqualTo(FileReplicationConfigKeys.Pull.WORKERS_DEFAULT);
        assertThat(settings.incoming()).isEqualTo(settings.outgoing());
        assertThat(settings.incoming().node()).isEqualTo(OptionalLong.empty());
        assertThat(settings.client().maxEntryBytes()).isEqualTo(1 << 20);
        assertThat(settings.maxPuts()).isEqualTo(LocalFiles.DEFAULT_MAX_PUTS);
    }

    @ParameterizedTest
    @CsvSource({
        "file.replication.pull.backoff.initial, 31s, file.replication.pull.backoff.max, 30s",
        "file.replication.catch-up.barrier.wait, 11min, file.replication.catch-up.interval, 10min",
        "file.replication.serve.transfers.per-peer, 25, file.replication.serve.transfers, 24",
        "file.replication.bandwidth.in.per-peer, 2000000, file.replication.bandwidth.in, 1000000",
        "file.replication.bandwidth.out.per-peer, 2000000, file.replication.bandwidth.out, 1000000",
        "file.replication.bandwidth.in, 100000, file.replication.pull.progress.timeout, 10s",
        "file.replication.bandwidth.in.per-peer, 100000, file.replication.pull.progress.timeout, 10s",
        "file.replication.bandwidth.out, 100000, file.replication.pull.progress.timeout, 10s",
        "file.replication.bandwidth.out.per-peer, 100000, file.replication.pull.progress.timeout, 10s",
    })
    void refusesValuesThatContradictEachOtherAndNamesBoth(String key, String value, String otherKey, String other) {
        RaftProperties properties = new RaftProperties();
        properties.set(key, value);
        properties.set(otherKey, other);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReplicationSettings(SELF, properties))
                .withMessageContaining(key + " is " + value)
                .withMessageContaining(otherKey)
                .withMessageContaining(other);
    }

    @ParameterizedTest
    @CsvSource({
        "file.replication.put.limit, 0",
        "file.replication.bandwidth.in, 0",
        "file.replication.bandwidth.in.per-peer, 0",
        "file.replication.bandwidth.out, 0",
        "file.replication.bandwidth.out.per-peer, 0",
        "file.replication.pull.progress.timeout, 2s",
        "raft.server.log.appender.buffer.byte-limit, 1000",
    })
    void refusesValuesThatLetNothingThrough(String key, String value) {
        RaftProperties properties = new RaftProperties();
        properties.set(key, value);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReplicationSettings(SELF, properties))
                .withMessageContaining(key + " is " + value);
    }

    @Test
    void logEntriesFitIntoWhatTheServerTakes() {
        RaftProperties properties = new RaftProperties();
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, SizeInBytes.valueOf("256KB"));

        assertThat(new ReplicationSettings(SELF, properties).client().maxEntryBytes())
                .isBetween(128 << 10, 256 << 10);
    }
}
