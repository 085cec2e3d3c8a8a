// SPDX-License-Identifier: Apache-2.0
#include "advice/advise.h"

#include <gtest/gtest.h>

namespace bulkhead::advice {
namespace {

const mig::GpuModel& A100() { return *mig::FindGpuModel("A100-40GB"); }

Judged On(const char* profile) {
  return {.model = &A100(), .profile = mig::FindProfile(A100(), profile)};
}

Evidence Used(double engine, double dram, double memory_mib) {
  return {.hours = 48,
          .readings = 4000,
          .engine_p95 = engine,
          .dram_p95 = dram,
          .memory_max_mib = memory_mib,
          .frames = 1000,
          .p99_ms = {}};
}

TEST(Advise, WaitsForADayOfHistory) {
  Evidence evidence = Used(0.01, 0.01, 100);
  evidence.hours = 23;
  EXPECT_EQ(Advise(On("3g.20gb"), evidence).verdict, Verdict::kTooLittleKnown);
  evidence.hours = 24;
  EXPECT_EQ(Advise(On("3g.20gb"), evidence).verdict, Verdict::kTooBig);
  evidence.readings = 99;
  EXPECT_EQ(Advise(On("3g.20gb"), evidence).verdict, Verdict::kTooLittleKnown);
}

TEST(Advise, CallsIdleWhatServedNoFrame) {
  Evidence evidence = Used(0.95, 0, 100);
  evidence.frames = 0;
  EXPECT_EQ(Advise(On("1g.5gb"), evidence).verdict, Verdict::kIdle);
}

TEST(Advise, MovesToTheLeastSliceOnWhichAllWouldFit) {
  // 42 multiprocessors at 20 % are 14 at 60 %; a quarter of the memory's bandwidth at 15 % is an
  // eighth at 60 %.
  Advice advice = Advise(On("3g.20gb"), Used(0.2, 0.15, 2000));
  EXPECT_EQ(advice.verdict, Verdict::kTooBig);
  EXPECT_EQ(advice.profile, "1g.5gb");
  EXPECT_EQ(advice.reasons,
            (std::vector<std::string>{
                "In 48 hours: engine 20 % and memory 15 % of the time (p95), 10 % of its memory at "
                "most.",
                "On 1g.5gb they would be 60 %, 60 % and 41 %."}));
  // One slice has the compute and not the memory: one slice with double memory.
  advice = Advise(On("3g.20gb"), Used(0.2, 0.15, 6000));
  EXPECT_EQ(advice.profile, "1g.10gb");
  // Nor the compute: two.
  advice = Advise(On("3g.20gb"), Used(0.4, 0.15, 6000));
  EXPECT_EQ(advice.profile, "2g.10gb");
}

TEST(Advise, LeavesWhatFits) {
  for (const auto& [engine, dram, memory] :
       {std::tuple(0.8, 0.1, 500.0), std::tuple(0.5, 0.5, 500.0), std::tuple(0.5, 0.1, 4500.0)}) {
    EXPECT_EQ(Advise(On("2g.10gb"), Used(engine, dram, memory)).verdict, Verdict::kFits)
        << engine << " " << dram << " " << memory;
  }
}

TEST(Advise, MovesUpWhenSomethingIsNearlyFull) {
  EXPECT_EQ(Advise(On("1g.5gb"), Used(0.95, 0.1, 500)).profile, "2g.10gb");
  EXPECT_EQ(Advise(On("1g.5gb"), Used(0.5, 0.95, 500)).profile, "1g.10gb");
  EXPECT_EQ(Advise(On("1g.5gb"), Used(0.5, 0.1, 4700)).profile, "1g.10gb");
  const Advice advice = Advise(On("7g.40gb"), Used(0.95, 0.1, 500));
  EXPECT_EQ(advice.verdict, Verdict::kTooSmall);
  EXPECT_EQ(advice.profile, "");
  EXPECT_EQ(advice.reasons.back(),
            "No slice of this GPU is enough; another replica shares the load.");
}

TEST(Advise, DoesNotTurnRoundWhenItWasFollowed) {
  for (const mig::Profile& from : A100().profiles) {
    for (int step = 0; step <= 100; ++step) {
      Evidence evidence = Used(step / 100.0, step / 200.0, 1000);
      const Advice first = Advise(On(from.name.c_str()), evidence);
      if (first.profile.empty()) continue;
      const mig::Profile& to =
          A100().profiles[static_cast<std::size_t>(mig::FindProfile(A100(), first.profile))];
      evidence.engine_p95 *= static_cast<double>(from.multiprocessors) / to.multiprocessors;
      evidence.dram_p95 *= static_cast<double>(from.units) / to.units;
      EXPECT_EQ(Advise(On(to.name.c_str()), evidence).verdict, Verdict::kFits)
          << from.name << " " << step;
    }
  }
}

TEST(Advise, KeepsTheObjective) {
  Evidence evidence = Used(0.2, 0.1, 1000);
  evidence.p99_ms = 10;
  Judged judged = On("3g.20gb");
  judged.p99_ms_max = 31;
  EXPECT_EQ(Advise(judged, evidence).verdict, Verdict::kTooBig);
  // Three times slower on a third of the multiprocessors.
  judged.p99_ms_max = 29;
  EXPECT_EQ(Advise(judged, evidence).verdict, Verdict::kFits);
  // Late already: more compute helps only where it is busy.
  judged.p99_ms_max = 9;
  EXPECT_EQ(Advise(judged, evidence).verdict, Verdict::kFits);
  evidence.engine_p95 = 0.75;
  EXPECT_EQ(Advise(judged, evidence).verdict, Verdict::kTooSmall);
}

TEST(Advise, TellsNothingButIdlenessWithoutReadings) {
  Evidence evidence = Used(0, 0, 0);
  evidence.readings = 0;
  evidence.p99_ms = 25;
  const Advice served = Advise({}, evidence);
  EXPECT_EQ(served.verdict, Verdict::kTooLittleKnown);
  EXPECT_EQ(served.reasons,
            (std::vector<std::string>{"1000 frames in 48 hours, and no reading of its device.",
                                      "p99 of the slowest hour is up to 25.0 ms."}));
  evidence.frames = 0;
  EXPECT_EQ(Advise({}, evidence).verdict, Verdict::kIdle);
  evidence.hours = 23;
  EXPECT_EQ(Advise({}, evidence).verdict, Verdict::kTooLittleKnown);
}

TEST(Advise, TakesMemoryThatNobodyReadForUnknown) {
  EXPECT_EQ(Advise(On("3g.20gb"), Used(0.01, 0.01, 0)).verdict, Verdict::kTooLittleKnown);
}

TEST(Advise, TellsOfAWholeGpuWhetherItsMemoryIsFull) {
  const Judged judged{.model = &A100(), .profile = -1};
  EXPECT_EQ(Advise(judged, Used(0, 0, 2000)).verdict, Verdict::kFits);
  EXPECT_EQ(Advise(judged, Used(0, 0, 40'000)).verdict, Verdict::kTooSmall);
  EXPECT_EQ(Advise(judged, Used(0, 0, 0)).verdict, Verdict::kTooLittleKnown);
}

TEST(Advise, KeepsTheMediaEngines) {
  EXPECT_EQ(Advise(On("1g.5gb+me"), Used(0.95, 0.1, 500)).profile, "");
}

}  // namespace
}  // namespace bulkhead::advice
