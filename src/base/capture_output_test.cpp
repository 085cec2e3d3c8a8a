// SPDX-License-Identifier: Apache-2.0
#include "base/capture_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

Result<CommandOutput> Shell(const std::string& script, milliseconds timeout = milliseconds(60000)) {
  return CaptureOutput({"/bin/sh", "-c", script}, {"WORD=given"}, 1000, timeout);
}

TEST(CaptureOutput, ReturnsBothStreams) {
  const auto output = Shell("echo result; echo remark >&2");
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output.value().out, "result\n");
  EXPECT_EQ(output.value().err, "remark\n");
}

TEST(CaptureOutput, PassesOnlyTheGivenEnvironment) {
  const auto output = Shell("echo $WORD$HOME");
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output.value().out, "given\n");
}

TEST(CaptureOutput, GivesAnEmptyInput) {
  const auto output = Shell("cat; echo end");
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output.value().out, "end\n");
}

TEST(CaptureOutput, SaysWhatAFailedProgramSaid) {
  const auto output = Shell("echo no such thing >&2; exit 3");
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.error().code, Code::kUnavailable);
  EXPECT_EQ(output.error().detail, "/bin/sh: no such thing");
}

TEST(CaptureOutput, NamesAProgramThatIsNotThere) {
  const auto output = CaptureOutput({"/nowhere/tool"}, {}, 1000, milliseconds(1000));
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.error().code, Code::kUnavailable);
  EXPECT_THAT(output.error().detail, HasSubstr("/nowhere/tool: "));
}

TEST(CaptureOutput, StopsAProgramThatWritesTooMuch) {
  const auto output = Shell("while :; do echo more; done");
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.error().code, Code::kUnavailable);
}

TEST(CaptureOutput, StopsAProgramThatRunsTooLong) {
  const auto output = Shell("read forever < /dev/zero", milliseconds(50));
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.error().code, Code::kDeadline);
}

}  // namespace
}  // namespace bulkhead::base
