package io.filereplication.manifest;

import static io.filereplication.manifest.ManifestFixture.register;
import static org.assertj.core.api.Assertions.assertThat;

import io.filereplication.FilePath;
import io.filereplication.Sha256;
import io.filereplication.manifest.proto.ManifestProtocol.BatchProto;
import io.filereplication.manifest.proto.ManifestProtocol.OperationProto;
import io.filereplication.manifest.proto.ManifestProtocol.ProposalProto;
import io.filereplication.manifest.proto.ManifestProtocol.WriteProto;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnknownFieldSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the log may hold beside good entries of this build, and what a node does then. */
class ManifestFormatTest {
    private final ManifestFixture log = new ManifestFixture();

    private static UnknownFieldSet field(int number) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        number, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
    }

    private static ByteString format(int format) {
        return ProposalProto.newBuilder().setFormat(format).build().toByteString();
    }

    private static ByteString one(OperationProto operation) {
        return ProposalProto.newBuilder()
                .setFormat(1)
                .addBatches(BatchProto.newBuilder().setIdLow(99).addOperations(operation))
                .build()
                .toByteString();
    }

    static Stream<ByteString> entriesOfANewerBuild() {
        return Stream.of(
                format(2),
                Proposals.encodeEnableFormat(2),
                ProposalProto.newBuilder()
                        .setFormat(1)
                        .setUnknownFields(field(9))
                        .build()
                        .toByteString(),
                one(OperationProto.newBuilder().setUnknownFields(field(7)).build()),
                one(OperationProto.newBuilder()
                        .setRegister(WriteProto.newBuilder().setUnknownFields(field(30)))
                        .build()));
    }

    /** Lesson 38. */
    @ParameterizedTest
    @MethodSource("entriesOfANewerBuild")
    void stopsBeforeWhatANewerBuildWroteAndSaysWhatItNeeds(ByteString newer) {
        log.apply(register("a", "one"));
        ApplyOutcome outcome = log.applyRaw(newer);

        assertThat(outcome).isInstanceOf(ApplyOutcome.Stopped.class);
        StoppedBefore reason = log.manifest.stopped();
        assertThat(reason).isNotNull();
        assertThat(reason.index()).isEqualTo(1);
        assertThat(reason.neededFormat()).isEqualTo(2);
        assertThat(log.manifest.appliedIndex()).isZero();

        assertThat(log.applyRaw(
                        Proposals.encode(List.of(new Proposals.Batch(log.newId(), -1, List.of(register("b", "two")))))))
                .isEqualTo(outcome);
        log.manifest.advanceTo(7);
        assertThat(log.manifest.appliedIndex()).isZero();
        assertThat(log.manifest.count()).isEqualTo(1);
    }

    /** Lesson 38: the newer build replays the same log and goes on there. */
    @Test
    void goesOnAtTheStopAfterTheUpgrade() throws Exception {
        log.apply(register("a", "one"));
        ByteString enable = Proposals.encodeEnableFormat(2);
        ByteString newer = ProposalProto.newBuilder()
                .setFormat(2)
                .addBatches(BatchProto.newBuilder().setIdLow(5))
                .build()
                .toByteString();
        ByteString later = Proposals.encode(
                List.of(new Proposals.Batch(new OperationId(1, 6), -1, List.of(register("b", "two")))));
        assertThat(log.applyRaw(enable)).isInstanceOf(ApplyOutcome.Stopped.class);
        byte[] snapshotOfTheStoppedNode = log.snapshot();

        Manifest upgraded = new Manifest(ManifestFixture.GROUP, 2, Answers.CAPACITY);
        upgraded.loadSnapshot(new java.io.ByteArrayInputStream(snapshotOfTheStoppedNode));
        assertThat(upgraded.appliedIndex()).isZero();
        assertThat(upgraded.apply(1, enable)).isInstanceOf(ApplyOutcome.Applied.class);
        assertThat(upgraded.apply(2, newer)).isInstanceOf(ApplyOutcome.Applied.class);
        assertThat(upgraded.apply(3, later)).isInstanceOf(ApplyOutcome.Applied.class);
        assertThat(upgraded.statistics().enabledFormat()).isEqualTo(2);
        assertThat(upgraded.count()).isEqualTo(2);

        // What it writes now is not for the old build, which says so and keeps what it has.
        byte[] snapshotOfTheNewBuild = ManifestFixture.snapshotOf(upgraded);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> ManifestFixture.loaded(snapshotOfTheNewBuild))
                .isInstanceOfSatisfying(
                        UnsupportedSnapshotException.class,
                        e -> assertThat(e.neededFormat()).isEqualTo(2));
    }

    @Test
    void aKnownFormatThatWasNotEnabledChangesNothing() {
        Manifest newer = new Manifest(ManifestFixture.GROUP, 2, Answers.CAPACITY);
        ManifestFixture its = new ManifestFixture(newer);
        List<BatchResult> answers = Proposals.decodeReply(its.applied(format(2)), 1);
        assertThat(answers.get(0).verdict()).isEqualTo(BatchResult.Verdict.UNREADABLE);
        assertThat(newer.statistics().unreadableEntries()).isEqualTo(1);
        assertThat(newer.appliedIndex()).isZero();
    }

    @Test
    void garbageInTheLogIsCountedAndChangesNothing() {
        byte[] noise = new byte[64];
        java.util.Arrays.fill(noise, (byte) 0xff);
        for (ByteString garbage : List.of(
                ByteString.EMPTY,
                ByteString.copyFrom(noise),
                ByteString.copyFromUtf8("another application's entry"),
                format(0))) {
            assertThat(Proposals.decodeReply(log.applied(garbage), 1).get(0).verdict())
                    .isEqualTo(BatchResult.Verdict.UNREADABLE);
        }
        assertThat(log.manifest.statistics().unreadableEntries()).isEqualTo(4);
        assertThat(log.applyOne(register("a", "one"))).isEqualTo(OperationStatus.REGISTERED);
    }

    static Stream<WriteProto> invalidWrites() {
        WriteProto good = WriteProto.newBuilder()
                .setPath(ByteString.copyFromUtf8("a"))
                .setSha256(ByteString.copyFrom(Sha256.OF_EMPTY.toBytes()))
                .setOrigin("n1")
                .build();
        return Stream.of(
                good.toBuilder().setPath(ByteString.copyFromUtf8("../a")).build(),
                good.toBuilder()
                        .setPath(ByteString.copyFromUtf8(".filereplication/x"))
                        .build(),
                good.toBuilder()
                        .setPath(ByteString.copyFrom(new byte[] {(byte) 0xc3}))
                        .build(),
                good.toBuilder().setSha256(ByteString.EMPTY).build(),
                good.toBuilder().setSizeBytes(-1).build(),
                good.toBuilder()
                        .setSizeBytes(5)
                        .setSha256(ByteString.copyFrom(new byte[31]))
                        .build(),
                good.toBuilder()
                        .setSizeBytes(0)
                        .setSha256(ByteString.copyFrom(new byte[32]))
                        .build(),
                good.toBuilder().setOrigin("").build(),
                good.toBuilder()
                        .setIfLsn(ManifestCodec.position(new io.filereplication.Lsn(0, 0)))
                        .build());
    }

    /** Lesson 30: a path is refused, never rewritten. Checked when proposed and again when applied. */
    @ParameterizedTest
    @MethodSource("invalidWrites")
    void anInvalidOperationIsRefusedWhenProposedAndAgainWhenApplied(WriteProto invalid) {
        ByteString entry = one(OperationProto.newBuilder().setRegister(invalid).build());
        assertThat(log.manifest.refusal(entry)).isNotNull();
        BatchResult answer = Proposals.decodeReply(log.applied(entry), 1).get(0);
        assertThat(answer.verdict()).isEqualTo(BatchResult.Verdict.REFUSED);
        assertThat(answer.operations().get(0).status()).isEqualTo(OperationStatus.INVALID);
        assertThat(log.manifest.count()).isZero();
    }

    @ParameterizedTest
    @MethodSource("entriesOfANewerBuild")
    void whatANewerBuildProposesIsRefusedBeforeTheLog(ByteString newer) {
        assertThat(log.manifest.refusal(newer)).isNotNull();
    }

    /** Lesson 30: every name that no rule forbids can be registered. */
    @Test
    void noSuffixIsReserved() {
        for (String name : List.of("a.part", "a.tmp", "a.staged", "a.md5", "snapshot.1_2", "x/.filereplication")) {
            assertThat(log.applyOne(register(name, "x"))).isEqualTo(OperationStatus.REGISTERED);
            assertThat(log.manifest.get(FilePath.of(name))).isNotNull();
        }
    }
}
