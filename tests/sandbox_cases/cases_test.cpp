// SPDX-License-Identifier: Apache-2.0
// Every case of the table, in a compartment with every layer, beside a neighbour that serves.
#include <cstring>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>

#include "lockdown/syscall_policy.h"
#include "sandbox_cases/case_list.h"
#include "sandbox_cases/laboratory.h"
#include "sandbox_cases/neighbour.h"
#include "sandbox_cases/outside.h"

namespace bulkhead::sandbox_cases {
namespace {

using isolation::EndReason;

bool Is(const isolation::End& end, EndReason reason) { return end.reason == reason; }

// The worker lived to tell of it, and left in order.
bool Lived(const Outcome& outcome, Moment moment) {
  if (!Is(outcome.end, EndReason::kFinished)) return false;
  return moment == Moment::kStarting || !outcome.answer;
}

bool IsAsExpected(const Case& expected, const Outcome& outcome) {
  const isolation::End& end = outcome.end;
  if (outcome.start || HasLoot(outcome)) return false;
  switch (expected.expected) {
    case Expected::kViolation:
      return Is(end, EndReason::kViolated) && end.syscall_number == expected.number &&
             end.syscall_arch == (expected.number < 0 ? 0 : lockdown::NativeArch());
    case Expected::kRefusal:
      return Lived(outcome, expected.moment) &&
             outcome.log.find(fmt::format("({})", ::strerrorname_np(expected.number))) !=
                 std::string::npos;
    case Expected::kNothing:
      return Lived(outcome, expected.moment) && outcome.log.find("nothing: ") != std::string::npos;
    case Expected::kOutOfMemory:
      return Is(end, EndReason::kOutOfMemory);
    case Expected::kTimedOut:
      return Is(end, EndReason::kTimedOut);
    case Expected::kSignal:
      return Is(end, EndReason::kCrashed) && end.signal == expected.number;
    case Expected::kExit:
      return Is(end, EndReason::kFinished) && end.exit_status == expected.number;
  }
  return false;
}

class Cases : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(laboratory_.failure, "");
    ASSERT_EQ(neighbour_.failure(), "");
    outside_.Name("neighbour", std::to_string(neighbour_.pid()));
    outside_.Name("marker", neighbour_.hidden_marker());
  }

  Outcome WatchOne(const Order& order) { return Watch(laboratory_, order); }

  void RunAll(std::span<const Case> cases) {
    for (const Case& each : cases) {
      Order order{each.moment, std::string(each.attack), outside_.Fill(std::string(each.argument))};
      Subject subject = SubjectOf(order);
      if (each.expected == Expected::kTimedOut) subject.patience = std::chrono::milliseconds(300);
      const Outcome outcome =
          Finish(laboratory_, subject, each.moment, Start(laboratory_, subject));
      if (each.expected == Expected::kOutOfMemory &&
          !outcome.layers.Has(isolation::Layer::kCgroupMemory)) {
        fmt::print("not judged without a memory limit: {}\n", order.attack);
        continue;
      }
      if (each.attack == "host-name" && each.moment == Moment::kStarting &&
          !outcome.layers.Has(isolation::Layer::kUtsNamespace)) {
        fmt::print("not judged without a host name of its own: {}\n", order.attack);
        continue;
      }
      EXPECT_TRUE(IsAsExpected(each, outcome))
          << (each.moment == Moment::kStarting ? "starting" : "serving") << ": " << order.attack
          << " " << order.argument << ": " << DescribeOutcome(outcome);
    }
    EXPECT_TRUE(neighbour_.Answers());
    EXPECT_FALSE(outside_.WasReached());
    fmt::print("{} cases\n", cases.size());
  }

 private:
  Laboratory laboratory_ = OpenLaboratory();
  Outside outside_;
  Neighbour neighbour_{laboratory_};
};

TEST_F(Cases, FilesOfOthersAreOutOfReach) { RunAll(FileCases()); }
TEST_F(Cases, TheNetworkIsOutOfReach) { RunAll(NetworkCases()); }
TEST_F(Cases, OtherProcessesAreOutOfReach) { RunAll(ProcessCases()); }
TEST_F(Cases, NobodyCanBecomeSomebodyElse) { RunAll(IdentityCases()); }
TEST_F(Cases, TheKernelIsOutOfReach) { RunAll(KernelCases()); }
TEST_F(Cases, MemoryOfOthersAndOwnCodeAreOutOfReach) { RunAll(MemoryCases()); }
TEST_F(Cases, NobodyTakesMoreThanItsShare) { RunAll(ResourceCases()); }
TEST_F(Cases, CrashesAreReportedAsWhatTheyWere) { RunAll(CrashCases()); }
TEST_F(Cases, FormsOfAllowedCallsAreForbidden) { RunAll(ArgumentCases()); }

// The setup and the weights are files that the worker can write.
TEST_F(Cases, NobodyMapsItsOwnFilesAsCode) {
  const Outcome starting = WatchOne({Moment::kStarting, "map-file-as-code", "5"});
  EXPECT_EQ(starting.end.syscall_number, SYS_mmap) << DescribeOutcome(starting);
  const Outcome serving = WatchOne({Moment::kServing, "map-file-as-code", "6"});
  EXPECT_EQ(serving.end.syscall_number, SYS_mmap) << DescribeOutcome(serving);
}

}  // namespace
}  // namespace bulkhead::sandbox_cases
