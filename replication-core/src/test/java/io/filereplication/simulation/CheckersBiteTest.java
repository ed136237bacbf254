package io.filereplication.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The checkers find what they are there for: with one part replaced by one that has a bug of docs/failures.md, some seed out of 400
 * violates what it should.
 *
 * <p>Lesson 8 (a registration that failed and nobody hears of) has no part in this module; its tests are beside the client.
 */
final class CheckersBiteTest {
    private static final int SEEDS = 400;
    private static final int KERNELS = 2;

    @BeforeAll
    static void hearErrors() {
        LoggedErrors.listen();
    }

    static Stream<Arguments> bugs() {
        return Stream.of(
                bug(
                        "1: bad bytes stay staged and are the file next time",
                        BrokenPeers::keepsBadBytes,
                        "bytes of no registered version"),
                bug("2: a pull without candidates is dropped", BrokenFiles::withoutPeersItIsHere, "but lacks"),
                bug(
                        "3: an older version's bytes are continued with a newer one's",
                        BrokenFiles::mixesVersions,
                        "bytes of no registered version"),
                bug(
                        "4: a file of the right size is taken for present",
                        BrokenFiles::sizeIsEnough,
                        "but lacks|other bytes"),
                bug(
                        "5: an update in flight is dropped as a duplicate",
                        BrokenManifest::dropsUpdatesInFlight,
                        "but lacks"),
                bug(
                        "6: publishing does not look at the manifest again",
                        BrokenManifest::doesNotHearOfDeletes,
                        "it came back"),
                bug(
                        "7: a deferred delete removes what is registered anew",
                        BrokenManifest::deletesByPath,
                        "although it is registered"),
                bug(
                        "34: what is in the way is moved away before there is anything in its place",
                        BrokenFiles::makesRoomFirst,
                        "emptied although"),
                bug("9: an installed snapshot triggers nothing", BrokenManifest::ignoresInstalls, "but lacks"),
                bug("10: the origin never repairs itself", BrokenFiles::originTrustsItself, "does not come to rest"),
                bug(
                        "11: no fsync before the rename",
                        BrokenPeers::doesNotFsync,
                        "no registered version after a restart"),
                bug(
                        "12: a drop looks like an enqueue to the walk",
                        BrokenManifest::walkLosesWhatFindsNoRoom,
                        "but lacks"),
                bug("13: a page error ends the walks", BrokenManifest::pageErrorEndsWalks, "does not come to rest"),
                bug("14: staleness looks like corruption", BrokenFiles::servesWhatItHas, "taken for corrupt"),
                bug(
                        "14: a copy that was found to be bad is only busy",
                        BrokenFiles::isBusyWithBadCopies,
                        "peers are told to ask again"),
                bug(
                        "15: a deleted file is asked for for ever",
                        BrokenManifest::doesNotHearOfDeletes,
                        "does not come to rest"),
                bug("16: each attempt begins at zero", BrokenFiles::truncatesAtEachAttempt, "begins at 0 again"),
                bug(
                        "16: each peer begins at zero where the storage cannot append",
                        BrokenPeers::beginsAgainAtEachPeer,
                        "begins at 0 again .* cannot append"),
                bug("17: what finds no room waits for a restart", BrokenManifest::dropsWhatFindsNoRoom, "but lacks"),
                bug("18: closing waits for fetches", BrokenPeers::ignoresInterrupts, "closing the puller took"),
                bug("19: deletes are forgotten at a restart", BrokenFiles::forgetsWhatToRemove, "too much"),
                bug("19: abandoned staged files leak", BrokenFiles::leaksStagedFiles, "left over in"),
                bug("20: empty files never replicate", BrokenFiles::refusesEmptyFiles, "it lacks .*\\(0 bytes"),
                bug("21: retries sleep inside the worker", BrokenPeers::sleepsOnRetries, "A worker sleeps"),
                bug("22: the origin is asked first by everybody", BrokenPeers::originFirstAlways, "is asked first"),
                bug("(operating) a pause is ignored", BrokenOperations::ignoresPauses, "although pulling is paused"),
                bug("(operating) a bandwidth limit is ignored", BrokenOperations::ignoresLimits, "allowed by a limit"),
                bug(
                        "(operating) a secret goes before its successor is known",
                        BrokenOperations::rotatesCarelessly,
                        "does not come to rest"),
                bug(
                        "(operating) the filter is ignored",
                        BrokenOperations::ignoresTheFilter,
                        "although it is not wanted"),
                bug(
                        "(operating) an own file stays for ever that others have replaced by an unwanted one",
                        BrokenOperations::keepsWhatIsLeftBehind,
                        "still shows an older version"),
                bug(
                        "(operating) a file registered in place is overlooked",
                        BrokenOperations::overlooksFilesInPlace,
                        "does not come to rest"),
                bug(
                        "(operating) a file is removed while it is being registered where it lies",
                        BrokenOperations::removesWhatIsBeingRegistered,
                        "does not come to rest: .*lacks"),
                bug(
                        "(operating) a proposal is taken to have died with its process",
                        BrokenOperations::forgetsEarlierProposals,
                        "does not come to rest: .*lacks"),
                bug(
                        "(operating) a file is removed that an earlier process was registering where it lies",
                        BrokenOperations::removesWhatWasBeingRegistered,
                        "does not come to rest: .*lacks"),
                bug(
                        "(operating) bytes that cannot be continued cannot be dropped",
                        BrokenOperations::cannotBeginAgain,
                        "does not come to rest"));
    }

    private static Arguments bug(String lesson, Supplier<Variant> variant, String complaint) {
        return Arguments.of(lesson, variant, complaint);
    }

    @ParameterizedTest(name = "lesson {0}")
    @MethodSource("bugs")
    void findsTheBugOfLesson(String lesson, Supplier<Variant> variant, String complaint) {
        SeedRange.Result result = new SeedRange(1, SEEDS, variant).runUntil(complaint, KERNELS);

        assertThat(result.reports()).as(lesson).isNotEmpty();
    }
}
