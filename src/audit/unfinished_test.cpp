// SPDX-License-Identifier: Apache-2.0
#include "audit/unfinished.h"

#include <gtest/gtest.h>

#include "audit/test_log.h"

namespace bulkhead::audit {
namespace {

LogOptions TestOptions() {
  return {.signer = TestSigner(), .unix_now_ms = [] { return int64_t{1'800'000'000'000}; }};
}

Event Of(EventKind kind, Stage stage, const char* id) {
  Event event = ExampleEvent();
  event.kind = kind;
  event.stage = stage;
  event.audit_id = id;
  return event;
}

TEST(Unfinished, AreEndedOnceByWhoeverOpensTheLog) {
  const TestFolder folder;
  {
    const auto log = OpenTestLog(folder);
    const auto append = [&](EventKind kind, Stage stage, const char* id) {
      ASSERT_TRUE(log->AppendAndWait(Of(kind, stage, id)).ok());
    };
    append(EventKind::kModelUpload, Stage::kRequestReceived, "done");
    append(EventKind::kModelUpload, Stage::kResponseComplete, "done");
    append(EventKind::kQuotaChange, Stage::kRequestReceived, "two");
    append(EventKind::kTenantSuspend, Stage::kRequestReceived, "two");
    append(EventKind::kQuotaChange, Stage::kResponseComplete, "two");
    append(EventKind::kKeyRevoke, Stage::kRequestReceived, "late");
  }
  const auto opened = OpenAndEnd(folder.log(), TestOptions());
  ASSERT_TRUE(opened.ok()) << opened.error().detail;
  ASSERT_EQ(opened.value().ended.size(), 2U);
  const Event& first = opened.value().ended.front();
  EXPECT_EQ(first.kind, EventKind::kTenantSuspend);
  EXPECT_EQ(first.audit_id, Label("two"));
  EXPECT_EQ(first.stage, Stage::kPanic);
  EXPECT_EQ(first.tenant, Label("acme"));
  EXPECT_EQ(opened.value().ended.back().kind, EventKind::kKeyRevoke);
  EXPECT_TRUE(FindUnfinished(folder.log()).value().empty());
}

TEST(Unfinished, AreNoneInANewLog) {
  const TestFolder folder;
  EXPECT_TRUE(OpenAndEnd(folder.log(), TestOptions()).value().ended.empty());
}

}  // namespace
}  // namespace bulkhead::audit
