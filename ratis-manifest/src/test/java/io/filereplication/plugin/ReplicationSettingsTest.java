package io.filereplication.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.filereplication.GroupId;
import io.filereplication.ManifestView;
import io.filereplication.NodeId;
import io.filereplication.pull.PullTimings;
import io.filereplication.pull.ReplicationFilter;
import io.filereplication.storage.LocalFiles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings that are out of range or contradict each other are refused with their keys and values. */
class ReplicationSettingsTest {
    private static final NodeId SELF = NodeId.of("n1");

    private static ReplicationSettings read(RaftProperties properties) {
        return new ReplicationSettings(SELF, properties, line -> {});
    }

    @Test
    void defaultsAreAccepted() {
        ReplicationSettings settings = read(new RaftProperties());

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
                .isThrownBy(() -> read(properties))
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
                .isThrownBy(() -> read(properties))
                .withMessageContaining(key + " is " + value);
    }

    @Test
    void aPauseThatIsLongerThanTheLongestAfterAFailureIsRefusedWithBoth() {
        RaftProperties properties = new RaftProperties();
        properties.set("file.replication.pull.backoff.max", "11min");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(properties))
                .withMessageStartingWith("file.replication.pull.backoff.max is 11min")
                .withMessageContaining("10min");
    }

    @Test
    void logEntriesFitIntoWhatTheServerTakes() {
        RaftProperties properties = new RaftProperties();
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, SizeInBytes.valueOf("256KB"));

        assertThat(read(properties).client().maxEntryBytes()).isBetween(128 << 10, 256 << 10);
    }

    @ParameterizedTest
    @MethodSource("keys")
    void theEffectiveValueOfEachSettingIsLoggedOnce(String key, String value) {
        RaftProperties properties = new RaftProperties();
        List<String> unset = new ArrayList<>();
        List<String> set = new ArrayList<>();

        new ReplicationSettings(SELF, properties, unset::add);
        properties.set(key, value);
        new ReplicationSettings(SELF, properties, set::add);

        assertThat(unset)
                .filteredOn(line -> line.startsWith(key + " = "))
                .singleElement(STRING)
                .endsWith("(default)");
        assertThat(set)
                .filteredOn(line -> line.startsWith(key + " = "))
                .singleElement(STRING)
                .startsWith(key + " = " + value)
                .endsWith("(custom)");
        assertThat(set).hasSameSizeAs(unset).doesNotHaveDuplicates();
    }

    /** With a value that is allowed and not the default. */
    static List<Arguments> keys() throws ReflectiveOperationException {
        List<Arguments> keys = new ArrayList<>();
        for (FileReplicationConfigKeysTest.Setting setting : FileReplicationConfigKeysTest.settings()) {
            Object preset = setting.value("_DEFAULT");
            String other;
            if (preset instanceof Boolean yes) {
                other = Boolean.toString(!yes);
            } else if (preset instanceof Integer number) {
                other = Integer.toString(number - 1);
            } else if (preset instanceof Double share) {
                other = Double.toString(share + 0.01);
            } else if (preset instanceof TimeDuration time) {
                other = time.add(-1, time.getUnit()).toString();
            } else {
                other = "77MB";
            }
            keys.add(Arguments.of(setting.value("_KEY"), other));
        }
        return keys;
    }

    @ParameterizedTest
    @CsvSource({
        "file.replication.pull.workers, many",
        "file.replication.pull.workers, 0",
        "file.replication.pull.workers, 5000",
        "file.replication.pull.queue.size, 0",
        "file.replication.pull.attempts, 0",
        "file.replication.pull.backoff.initial, soon",
        "file.replication.pull.backoff.max, 11min",
        "file.replication.pull.progress.timeout, -1s",
        "file.replication.pull.removal.bulk.files, -1",
        "file.replication.pull.removal.bulk.share, 1.5",
        "file.replication.pull.unavailable.blocks.readiness, yes",
        "file.replication.catch-up.high-water, 0",
        "file.replication.scrub.interval, 0s",
        "file.replication.scrub.rate, fast",
        "file.replication.serve.transfers, 0",
        "file.replication.serve.transfers.per-peer, 0",
        "file.replication.serve.transfers.small, 0",
        "file.replication.serve.stall.limit, 10ms",
        "file.replication.bandwidth.in, much",
        "file.replication.fetch.connect.timeout, 0s",
        "file.replication.fetch.acknowledgement.timeout, 0s",
        "file.replication.fetch.session.age, 0s",
        "raft.client.rpc.request.timeout, 0s",
        "raft.client.rpc.request.timeout, 2h",
    })
    void aValueThatIsRefusedIsRefusedByTheNameOfItsSetting(String key, String value) {
        RaftProperties properties = new RaftProperties();
        properties.set(key, value);

        assertThatIllegalArgumentException().isThrownBy(() -> read(properties)).withMessageStartingWith(key + " is ");
    }

    @Test
    void theBytesOfAPutWithoutAnAnswerAreKeptAsLongAsRatisMayTryItsProposal() {
        RaftProperties properties = new RaftProperties();
        assertThat(longestProposal(properties)).isEqualTo(ManifestView.LONGEST_PROPOSAL);

        RaftClientConfigKeys.Rpc.setRequestTimeout(properties, TimeDuration.valueOf(1, TimeUnit.SECONDS));
        assertThat(longestProposal(properties)).isEqualTo(ManifestView.LONGEST_PROPOSAL);

        // 41 tries of this request and of the one before it, with the pauses between them, and 30 s for the client
        // above.
        RaftClientConfigKeys.Rpc.setRequestTimeout(properties, TimeDuration.valueOf(1, TimeUnit.MINUTES));
        assertThat(longestProposal(properties)).isBetween(Duration.ofMinutes(82), Duration.ofMinutes(84));
    }

    private static Duration longestProposal(RaftProperties properties) {
        return read(properties)
                .pull(new GroupId(new UUID(1, 2)), ReplicationFilter.ALL, PullTimings.NONE)
                .longestProposal();
    }
}
