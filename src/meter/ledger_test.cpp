// SPDX-License-Identifier: Apache-2.0
#include "meter/ledger.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <latch>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "meter/record_codec.h"
#include "meter/test_ledger.h"

namespace bulkhead::meter {
namespace {

TEST(Ledger, CountsFromOneInEachEpoch) {
  const TestFolder folder;
  std::string id;
  {
    const auto ledger = Ledger::Open(folder.ledger()).value();
    id = ledger->id();
    EXPECT_EQ(id.size(), 16U);
    EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).value(), (RecordId{1, 1}));
    EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).value(), (RecordId{1, 2}));
    EXPECT_EQ(ledger->position(), 2U);
  }
  const auto ledger = Ledger::Open(folder.ledger()).value();
  EXPECT_EQ(ledger->id(), id);
  EXPECT_EQ(ledger->epoch(), 2U);
  EXPECT_EQ(ledger->recovery().records, 2U);
  EXPECT_EQ(ledger->recovery().torn_bytes, 0U);
  EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).value(), (RecordId{2, 1}));
  EXPECT_EQ(ledger->position(), 3U);
}

TEST(Ledger, RaisesItsEpochAlsoWhenNothingWasAppended) {
  const TestFolder folder;
  for (uint64_t epoch = 1; epoch < 5; ++epoch) {
    EXPECT_EQ(Ledger::Open(folder.ledger()).value()->epoch(), epoch);
  }
}

TEST(Ledger, IsHeldByOneAtATime) {
  const TestFolder folder;
  const auto ledger = Ledger::Open(folder.ledger()).value();
  EXPECT_EQ(Ledger::Open(folder.ledger()).error().code, base::Code::kConflict);
}

TEST(Ledger, WaitsAtItsEndForWhatWasAppended) {
  const TestFolder folder;
  std::atomic<int> answered = 0;
  {
    const auto ledger = Ledger::Open(folder.ledger()).value();
    for (int i = 0; i < 1'000; ++i) {
      ledger->Append(ExampleRecord(), [&answered](const base::Result<RecordId>& result) {
        if (result.ok()) ++answered;
      });
    }
  }
  EXPECT_EQ(answered, 1'000);
  EXPECT_EQ(Ledger::Open(folder.ledger()).value()->recovery().records, 1'000U);
}

TEST(Ledger, GivesEveryThreadIdsOfItsOwnAndCallsBackOnce) {
  constexpr int kThreads = 4;
  constexpr int kEach = 2'000;
  const TestFolder folder;
  std::array<std::vector<RecordId>, kThreads> ids;
  std::array<std::atomic<int>, kThreads * kEach> calls{};
  {
    // Threads wait now and then, so that groups are many, and each fills a segment.
    const auto ledger = Ledger::Open(folder.ledger(), {.segment_bytes_max = 1'000}).value();
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kEach; ++i) {
          std::latch answered(1);
          ledger->Append(ExampleRecord(), [&, thread, i](const base::Result<RecordId>& result) {
            ++calls[static_cast<std::size_t>(thread * kEach + i)];
            ids[static_cast<std::size_t>(thread)].push_back(result.value());
            if (i % 500 == 499) answered.count_down();
          });
          if (i % 500 == 499) answered.wait();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  std::set<RecordId> all;
  for (const auto& of_thread : ids) {
    // A thread's records keep their order.
    EXPECT_TRUE(std::ranges::is_sorted(of_thread));
    all.insert(of_thread.begin(), of_thread.end());
  }
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kThreads * kEach));
  EXPECT_EQ(*all.rbegin(), (RecordId{1, kThreads * kEach}));
  for (const auto& call : calls) EXPECT_EQ(call, 1);
  EXPECT_TRUE(std::filesystem::exists(folder.segment("3")));
}

TEST(Ledger, RefusesMoreThanMayWait) {
  const TestFolder folder;
  auto ledger = Ledger::Open(folder.ledger(), {.waiting_max = 2}).value();
  std::latch inside(1);
  std::latch released(1);
  ledger->Append(ExampleRecord(), [&](const base::Result<RecordId>&) {
    inside.count_down();
    released.wait();
  });
  inside.wait();
  // The thread is in the callback: what comes now waits.
  std::vector<base::Result<RecordId>> answers;
  const auto note = [&answers](const base::Result<RecordId>& answer) { answers.push_back(answer); };
  ledger->Append(ExampleRecord(), note);
  ledger->Append(ExampleRecord(), note);
  EXPECT_TRUE(answers.empty());
  ledger->Append(ExampleRecord(), note);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].error().code, base::Code::kExhausted);
  released.count_down();
  ledger.reset();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[1].value(), (RecordId{1, 2}));
  EXPECT_EQ(answers[2].value(), (RecordId{1, 3}));
}

TEST(Ledger, RefusesARecordThatItsFormatCannotHold) {
  const TestFolder folder;
  const auto ledger = Ledger::Open(folder.ledger()).value();
  FrameRecord record = ExampleRecord();
  record.model = "two words";
  EXPECT_EQ(AppendAndWait(*ledger, record).error().code, base::Code::kInvalid);
  EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).value(), (RecordId{1, 1}));
}

TEST(Ledger, TellsTheEndOfEachGroup) {
  const TestFolder folder;
  std::vector<std::string> events;
  {
    const auto ledger =
        Ledger::Open(folder.ledger(), {.after_group = [&] { events.emplace_back("group"); }})
            .value();
    ledger->Append(ExampleRecord(), [&](const auto&) { events.emplace_back("done"); });
  }
  EXPECT_EQ(events, (std::vector<std::string>{"done", "group"}));
}

TEST(Ledger, KeepsItsLastExportMarkOverSegmentsAndEpochs) {
  const TestFolder folder;
  const ExportMark mark{.step = ExportStep::kDone,
                        .hours_end_unix_ms = 3'600'000,
                        .from = 0,
                        .to = 1,
                        .time_unix_ms = 3'700'000};
  {
    // Every group its own segment.
    const auto ledger = Ledger::Open(folder.ledger(), {.segment_bytes_max = 1}).value();
    EXPECT_EQ(ledger->export_mark(), std::nullopt);
    ASSERT_TRUE(AppendAndWait(*ledger, mark).ok());
    EXPECT_EQ(ledger->export_mark(), mark);
    ASSERT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
  }
  EXPECT_EQ(Ledger::Open(folder.ledger()).value()->export_mark(), mark);
  EXPECT_EQ(Ledger::Open(folder.ledger()).value()->export_mark(), mark);
}

}  // namespace
}  // namespace bulkhead::meter
