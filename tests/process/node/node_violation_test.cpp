// SPDX-License-Identifier: Apache-2.0
// A worker that makes a forbidden system call while it serves, as whoever launched it hears of it.
#include <cstddef>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "node_program.h"
#include "sandbox_cases/order.h"

namespace bulkhead {
namespace {

using isolation::EndReason;
using node::Phase;
using testing::HasSubstr;

// What a hostile worker takes for its model.
base::UniqueFd ModelWith(const sandbox_cases::Order& order) {
  base::UniqueFd model(::memfd_create("order", MFD_CLOEXEC));
  const std::vector<std::byte> bytes = sandbox_cases::EncodeOrder(order);
  EXPECT_EQ(::pwrite(model.get(), bytes.data(), bytes.size(), 0),
            static_cast<ssize_t>(bytes.size()));
  return model;
}

base::Status LaunchHostile(node::Client& client, const std::string& name) {
  // ptrace without arguments: a program that asks to be traced by its parent.
  const std::string call = "native " + std::to_string(SYS_ptrace);
  return LaunchModel(client, name, ModelWith({sandbox_cases::Moment::kServing, "call", call}));
}

TEST(NodeViolation, IsToldWithItsNumberAndEndsTheWorkerForGood) {
  const StateHome home;
  NodeProgram node(home, {"--restart-wait", "1"}, BULKHEAD_HOSTILE_WORKER);
  ASSERT_TRUE(node.Serves()) << node.Log();
  auto client = node::Client::Connect(home.socket(), kPatience);
  ASSERT_TRUE(client.ok()) << client.error().detail;
  ASSERT_TRUE(LaunchHostile(client.value(), "hostile").ok());
  auto ready = client.value().WaitUntilReady("hostile", kPatience);
  ASSERT_TRUE(ready.ok()) << ready.error().detail << "\n" << node.Log();
  // The attack comes with the first frame, which stays without an answer.
  const base::Status seen = SeeBolts(std::move(ready.value().frames));
  ASSERT_FALSE(seen.ok());
  EXPECT_EQ(seen.error().code, base::Code::kUnavailable) << seen.error().detail;

  const auto ended = client.value().WaitForEnd("hostile", kPatience);
  ASSERT_TRUE(ended.ok()) << ended.error().detail;
  EXPECT_EQ(ended.value().phase, Phase::kFailed);
  ASSERT_TRUE(ended.value().end.has_value());
  EXPECT_EQ(ended.value().end->reason, EndReason::kViolated);
  EXPECT_EQ(ended.value().end->syscall_number, SYS_ptrace);
  EXPECT_NE(ended.value().end->syscall_arch, 0U);

  // A whole start takes longer than the millisecond after which it would have been started again.
  ASSERT_TRUE(LaunchHostile(client.value(), "other").ok());
  ASSERT_TRUE(client.value().WaitUntilReady("other", kPatience).ok()) << node.Log();
  EXPECT_EQ(node.Workers().size(), 1U);
  const auto workers = client.value().List(kPatience).value();
  ASSERT_EQ(workers.size(), 2U);
  EXPECT_EQ(workers[0].name, "hostile");
  EXPECT_EQ(workers[0].phase, Phase::kFailed);
  EXPECT_EQ(workers[0].starts, 1);
  EXPECT_THAT(node.Log(), HasSubstr("violated (ptrace)"));
}

}  // namespace
}  // namespace bulkhead
