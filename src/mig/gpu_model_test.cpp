// SPDX-License-Identifier: Apache-2.0
#include "mig/gpu_model.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::mig {
namespace {

using ::testing::ElementsAre;

const Profile& Named(const char* model, const char* profile) {
  const GpuModel& found = *FindGpuModel(model);
  return found.profiles.at(static_cast<std::size_t>(FindProfile(found, profile)));
}

TEST(GpuModels, AreTheseInThisOrder) {
  std::vector<std::string> words;
  for (const GpuModel& model : GpuModels()) words.push_back(model.word);
  EXPECT_THAT(words, ElementsAre("a100", "a100-80", "a30", "h100", "h100-94", "h200", "b200",
                                 "rtxpro6000", "t4", "l4"));
}

TEST(GpuModels, ShareNoNameAndNoPciId) {
  std::set<std::string> names;
  std::set<std::string> words;
  std::set<uint32_t> ids;
  std::size_t id_count = 0;
  for (const GpuModel& model : GpuModels()) {
    names.insert({model.name, model.product});
    words.insert(model.word);
    EXPECT_FALSE(model.pci_ids.empty()) << model.name;
    for (const uint32_t id : model.pci_ids) EXPECT_EQ(id & 0xFFFF, 0x10DEU) << model.name;
    ids.insert(model.pci_ids.begin(), model.pci_ids.end());
    id_count += model.pci_ids.size();
  }
  EXPECT_EQ(names.size(), 2 * GpuModels().size());
  EXPECT_EQ(words.size(), GpuModels().size());
  EXPECT_EQ(ids.size(), id_count);
}

TEST(GpuModels, BeginEachInstanceWithinTheirUnits) {
  for (const GpuModel& model : GpuModels()) {
    for (const Profile& profile : model.profiles) {
      SCOPED_TRACE(model.name + " " + profile.name);
      ASSERT_FALSE(profile.starts.empty());
      EXPECT_GE(profile.starts.front(), 0);
      EXPECT_LE(profile.starts.back() + profile.units, model.units);
      EXPECT_TRUE(std::ranges::is_sorted(profile.starts));
      EXPECT_EQ(std::ranges::adjacent_find(profile.starts), profile.starts.end());
      EXPECT_GE(profile.count_max, 1);
      EXPECT_LE(profile.count_max, static_cast<int>(profile.starts.size()));
    }
  }
}

TEST(GpuModels, ListProfilesByUnitsThenSlicesThenName) {
  for (const GpuModel& model : GpuModels()) {
    EXPECT_TRUE(std::ranges::is_sorted(model.profiles, {}, [](const Profile& profile) {
      return std::tuple(profile.units, profile.slices, profile.name);
    })) << model.name;
  }
}

TEST(GpuModels, GiveMoreMemoryToMoreUnitsAndTheSameToAsMany) {
  for (const GpuModel& model : GpuModels()) {
    for (const Profile& a : model.profiles) {
      for (const Profile& b : model.profiles) {
        EXPECT_EQ(a.units < b.units, a.memory_mib < b.memory_mib)
            << model.name << ": " << a.name << ", " << b.name;
      }
    }
  }
}

TEST(GpuModels, GiveMoreMultiprocessorsToMoreSlices) {
  for (const GpuModel& model : GpuModels()) {
    for (const Profile& a : model.profiles) {
      for (const Profile& b : model.profiles) {
        EXPECT_TRUE(a.slices >= b.slices || a.multiprocessors < b.multiprocessors)
            << model.name << ": " << a.name << ", " << b.name;
      }
    }
  }
}

TEST(GpuModels, WithMigCanBeGivenWholeAsOneInstance) {
  for (const GpuModel& model : GpuModels()) {
    EXPECT_EQ(model.mig(), !model.profiles.empty()) << model.name;
    if (!model.mig()) continue;
    const Profile& whole = model.profiles.back();
    EXPECT_EQ(whole.units, model.units) << model.name;
    EXPECT_EQ(whole.id == 0 || whole.graphics, true) << model.name;
    EXPECT_LE(whole.memory_mib, model.memory_mib) << model.name;
    EXPECT_LE(whole.multiprocessors, model.multiprocessors) << model.name;
    EXPECT_EQ(whole.engines, model.engines) << model.name;
  }
}

TEST(GpuModels, ShareNoIdOrNameBetweenProfilesOfOneModel) {
  for (const GpuModel& model : GpuModels()) {
    std::set<int> ids;
    std::set<std::string> names;
    for (const Profile& profile : model.profiles) {
      ids.insert(profile.id);
      names.insert(profile.name);
    }
    EXPECT_EQ(ids.size(), model.profiles.size()) << model.name;
    EXPECT_EQ(names.size(), model.profiles.size()) << model.name;
  }
}

TEST(GpuModels, AddMediaEnginesOnceAndTakeAllOfThemOnlyWhereSomeHaveNone) {
  for (const GpuModel& model : GpuModels()) {
    for (const Profile& profile : model.profiles) {
      SCOPED_TRACE(model.name + " " + profile.name);
      const Engines& engines = profile.engines;
      const bool more = profile.media == Media::kAdded || profile.media == Media::kAll;
      EXPECT_TRUE(!more || (profile.count_max == 1 && engines.optical_flow == 1));
      if (profile.media == Media::kNone) {
        EXPECT_EQ(engines, (Engines{.copy = engines.copy}));
      }
      if (profile.media != Media::kAll) continue;
      EXPECT_EQ(engines.jpeg, model.engines.jpeg);
      EXPECT_EQ(engines.decoders, model.engines.decoders);
      EXPECT_TRUE(std::ranges::any_of(
          model.profiles, [](const Profile& other) { return other.media == Media::kNone; }));
    }
  }
}

TEST(GpuModels, SayOfEveryDerivedNumberThatItIs) {
  for (const GpuModel& model : GpuModels()) {
    if (!model.mig()) continue;
    EXPECT_EQ(model.observed, std::ranges::all_of(model.profiles, &Profile::observed))
        << model.name;
  }
}

TEST(GpuModels, HaveTheFiguresOfTheirDrivers) {
  EXPECT_EQ(Named("H100-80GB", "1g.20gb").multiprocessors, 26);
  EXPECT_EQ(Named("H100-80GB", "3g.40gb").multiprocessors, 60);
  EXPECT_EQ(Named("A100-40GB", "1g.5gb").engines.jpeg, 0);
  EXPECT_EQ(Named("H100-94GB", "7g.94gb").memory_mib, 94848U);
  EXPECT_EQ(Named("A30", "2g.12gb+me").id, 6);
  EXPECT_EQ(Named("RTX PRO 6000", "2g.48gb+me.all").id, 64);
  EXPECT_THAT(Named("RTX PRO 6000", "1g.24gb-me").starts, ElementsAre(0, 3, 6, 9));
  EXPECT_EQ(Named("H200", "1g.35gb").id, 15);
}

TEST(FindGpuModel, TakesNamesAndWordsInAnyCase) {
  EXPECT_EQ(FindGpuModel("A100")->name, "A100-40GB");
  EXPECT_EQ(FindGpuModel("a100-80gb")->name, "A100-80GB");
  EXPECT_EQ(FindGpuModel("rtx pro 6000")->word, "rtxpro6000");
  EXPECT_EQ(FindGpuModel("RTXPRO6000")->word, "rtxpro6000");
  EXPECT_EQ(FindGpuModel("a10"), nullptr);
  EXPECT_EQ(FindGpuModel(""), nullptr);
}

TEST(FindProfile, ForgivesOneGigabyteInTheName) {
  const GpuModel& model = *FindGpuModel("a100-80");
  EXPECT_EQ(FindProfile(model, "7g.79gb"), FindProfile(model, "7g.80gb"));
  EXPECT_EQ(FindProfile(model, "7g.81gb"), 6);
  EXPECT_EQ(FindProfile(model, "7g.78gb"), -1);
  EXPECT_EQ(FindProfile(model, "1g.9gb+me"), 1);
  EXPECT_EQ(FindProfile(model, "6g.80gb"), -1);
  EXPECT_EQ(FindProfile(model, "1c.7g.80gb"), -1);
  EXPECT_EQ(FindProfile(model, "7g.80gb-me"), -1);
  EXPECT_EQ(FindProfile(model, "nonsense"), -1);
  EXPECT_EQ(FindProfile(*FindGpuModel("t4"), "1g.5gb"), -1);
}

TEST(FindProfile, ChoosesNoneOfTwoThatAreAsNear) {
  GpuModel model;
  model.units = 8;
  for (const char* name : {"1g.5gb", "1g.7gb"}) model.profiles.push_back({.name = name});
  EXPECT_EQ(FindProfile(model, "1g.6gb"), -1);
  EXPECT_EQ(FindProfile(model, "1g.7gb"), 1);
  EXPECT_EQ(FindProfile(model, "1g.8gb"), 1);
}

}  // namespace
}  // namespace bulkhead::mig
