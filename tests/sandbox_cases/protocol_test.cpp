// SPDX-License-Identifier: Apache-2.0
// A worker that lies to its client and its supervisor: each lie ends the session, and nobody else.
#include <filesystem>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "lockdown/syscall_policy.h"
#include "sandbox_cases/laboratory.h"

namespace bulkhead::sandbox_cases {
namespace {

using isolation::EndReason;

std::size_t OpenDescriptors() {
  const std::filesystem::directory_iterator folder("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
}

class LyingWorker : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(laboratory_.failure, ""); }

  Outcome Lie(const std::string& attack, const std::string& argument = "", int frames = 1) {
    Subject subject = SubjectOf({Moment::kServing, attack, argument});
    subject.patience = std::chrono::milliseconds(700);
    subject.frames = frames;
    const std::size_t descriptors = OpenDescriptors();
    Outcome outcome = Watch(laboratory_, subject);
    EXPECT_EQ(OpenDescriptors(), descriptors) << attack;
    return outcome;
  }

  // It is caught and then killed, whatever it does.
  void ExpectCaught(const Outcome& outcome) {
    ASSERT_TRUE(outcome.answer.has_value()) << DescribeOutcome(outcome);
    EXPECT_TRUE(outcome.broken);
    EXPECT_EQ(outcome.answer->code, base::Code::kCorrupt) << DescribeOutcome(outcome);
  }

  Laboratory laboratory_ = OpenLaboratory();
};

TEST_F(LyingWorker, IsCaughtWhenItSpeaksGarbage) { ExpectCaught(Lie("garbage")); }
TEST_F(LyingWorker, IsCaughtWhenItPromisesAnEndlessBody) { ExpectCaught(Lie("long-body")); }
TEST_F(LyingWorker, IsCaughtWhenItAnswersWhatNobodyAsked) { ExpectCaught(Lie("unknown-request")); }
TEST_F(LyingWorker, IsCaughtWhenItSaysHelloAgain) { ExpectCaught(Lie("second-hello")); }
TEST_F(LyingWorker, IsCaughtWhenItAsksItsClient) { ExpectCaught(Lie("request-of-client")); }
TEST_F(LyingWorker, IsCaughtWhenItsReplyIsNoReply) { ExpectCaught(Lie("forged-reply")); }
TEST_F(LyingWorker, IsCaughtWhenItAnswersTwice) { ExpectCaught(Lie("answer-twice", "", 2)); }
TEST_F(LyingWorker, IsCaughtWhenItFloods) { ExpectCaught(Lie("flood", "", 2)); }

// Received descriptors would be the client's to close; it takes none.
TEST_F(LyingWorker, LeavesNoDescriptorsWithItsClient) { ExpectCaught(Lie("pass-descriptors")); }

TEST_F(LyingWorker, IsTimedOutWhenItStopsInTheMiddleOfAMessage) {
  const Outcome outcome = Lie("half-message");
  EXPECT_EQ(outcome.end.reason, EndReason::kTimedOut) << DescribeOutcome(outcome);
}

TEST_F(LyingWorker, IsTimedOutWhenItDripsAMessage) {
  const Outcome outcome = Lie("drip-message");
  EXPECT_EQ(outcome.end.reason, EndReason::kTimedOut) << DescribeOutcome(outcome);
}

// Its reader thread holds the socket open, so that this looks like silence.
TEST_F(LyingWorker, IsEndedWhenItClosesItsSocket) {
  const Outcome outcome = Lie("close-frames");
  EXPECT_TRUE(outcome.answer.has_value());
  EXPECT_TRUE(outcome.end.reason == EndReason::kTimedOut ||
              outcome.end.reason == EndReason::kKilled)
      << DescribeOutcome(outcome);
}

// Only the kernel's word counts: it lives, so it violated nothing.
TEST_F(LyingWorker, ThatAccusesItselfIsNotBelieved) {
  const Outcome outcome = Lie("forge-violation", "101");
  EXPECT_EQ(outcome.end.reason, EndReason::kFinished) << DescribeOutcome(outcome);
  EXPECT_EQ(outcome.end.syscall_number, -1);
}

// That it violated is the kernel's word; which call it was is its own.
TEST_F(LyingWorker, ThatViolatesCanLieAboutTheCallOnly) {
  const Outcome outcome = Lie("forge-then-violate", "101");
  EXPECT_EQ(outcome.end.reason, EndReason::kViolated) << DescribeOutcome(outcome);
}

// The answer to the first frame comes while the second is awaited, and is taken for what it is.
TEST_F(LyingWorker, ThatAnswersLateIsStillUnderstood) {
  const Outcome outcome = Lie("answer-late", "", 2);
  EXPECT_FALSE(outcome.answer.has_value()) << DescribeOutcome(outcome);
  EXPECT_EQ(outcome.end.reason, EndReason::kFinished) << DescribeOutcome(outcome);
}

TEST_F(LyingWorker, ThatSaysReadyTwiceGoesOn) {
  EXPECT_EQ(Lie("forge-ready").end.reason, EndReason::kFinished);
}

TEST_F(LyingWorker, ThatWritesGarbageToItsStatusIsStillJudged) {
  EXPECT_EQ(Lie("status-garbage").end.reason, EndReason::kFinished);
  EXPECT_EQ(Lie("status-pieces").end.reason, EndReason::kFinished);
}

TEST_F(LyingWorker, ThatFillsItsStatusPipeStopsOnlyItself) {
  const Outcome outcome = Lie("status-flood");
  EXPECT_EQ(outcome.end.reason, EndReason::kTimedOut) << DescribeOutcome(outcome);
}

// While it starts a "ready" is believed: it is told, never proved. What follows is checked.
TEST_F(LyingWorker, ThatClaimsToBeReadyTooEarlyHasNoHello) {
  const Outcome outcome = Watch(laboratory_, Order{Moment::kStarting, "forge-ready", ""});
  EXPECT_EQ(outcome.end.reason, EndReason::kFinished) << DescribeOutcome(outcome);
  EXPECT_EQ(outcome.end.exit_status, 1);
}

TEST_F(LyingWorker, CannotPaintTheOperatorsTerminal) {
  const Outcome outcome = Lie("log-terminal-codes");
  for (const char c : outcome.log) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
}

}  // namespace
}  // namespace bulkhead::sandbox_cases
