// SPDX-License-Identifier: Apache-2.0
#include "device/instance_journal.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/test_machine.h"

namespace bulkhead::device {
namespace {

using base::Code;
using testing::HasSubstr;

TEST(InstanceJournal, FindsAgainWhatWasWrittenDown) {
  const TestFolder folder;
  uint64_t generation = 0;
  {
    auto journal = InstanceJournal::Open(folder.path() / "gpu", "boot-1");
    ASSERT_TRUE(journal.ok()) << journal.error().detail;
    generation = journal.value().Intend("GPU-a", 19, 3).value();
    ASSERT_TRUE(journal.value().Made(generation, 10).ok());
    ASSERT_TRUE(journal.value().Whole(generation, 0).ok());
    const uint64_t other = journal.value().Intend("GPU-a", 19, 4).value();
    ASSERT_TRUE(journal.value().Gone(other).ok());
  }
  auto again = InstanceJournal::Open(folder.path() / "gpu", "boot-1");
  ASSERT_EQ(again.value().owned().size(), 1U);
  EXPECT_EQ(again.value().owned().at(generation),
            (OwnedInstance{"GPU-a", 19, 3, InstanceStage::kWhole, 10, 0}));
  EXPECT_GT(again.value().Intend("GPU-a", 19, 5).value(), generation + 1);
}

TEST(InstanceJournal, OwnsNothingOfAnotherBootButGivesNoGenerationTwice) {
  const TestFolder folder;
  const uint64_t generation =
      InstanceJournal::Open(folder.path(), "boot-1").value().Intend("GPU-a", 19, 3).value();
  auto again = InstanceJournal::Open(folder.path(), "boot-2");
  EXPECT_TRUE(again.value().owned().empty());
  EXPECT_GT(again.value().Intend("GPU-a", 19, 3).value(), generation);
}

TEST(InstanceJournal, StopsAtDamageAndSaysWhatToDo) {
  const TestFolder folder;
  folder.Write("/instances", "nonsense\nand more\n");
  const auto journal = InstanceJournal::Open(folder.path(), "boot-1");
  ASSERT_FALSE(journal.ok());
  EXPECT_EQ(journal.error().code, Code::kCorrupt);
  EXPECT_THAT(journal.error().detail, HasSubstr("nvidia-smi mig -dci"));
}

TEST(InstanceJournal, ChangesNothingWhenItCannotWrite) {
  const TestFolder folder;
  auto journal = InstanceJournal::Open(folder.path() / "gpu", "boot-1");
  EXPECT_EQ(journal.value().Intend("not a word", 19, 3).error().code, Code::kUnavailable);
  EXPECT_TRUE(journal.value().owned().empty());
  EXPECT_FALSE(InstanceJournal::Open(folder.path(), "not a boot").ok());
}

}  // namespace
}  // namespace bulkhead::device
