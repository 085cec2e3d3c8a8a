// SPDX-License-Identifier: Apache-2.0
#include "node/kept_model.h"

#include <array>

#include <gtest/gtest.h>

#include "channel/limits.h"
#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using base::Code;

constexpr int64_t kPlenty = int64_t{1} << 30;

base::Result<KeptModel> Take(const std::string& model, Starts starts, int64_t bytes_max = kPlenty) {
  return KeptModel::Take(MemfdOf(model), MemfdOf("setup"), starts, bytes_max);
}

TEST(KeptModel, GivesTheFirstStartTheClientsOwnAndOthersACopy) {
  base::UniqueFd given = MemfdOf("the model");
  const base::UniqueFd clients = Duplicate(given.get());
  auto kept = KeptModel::Take(std::move(given), MemfdOf("setup"), Starts::kMany, kPlenty);
  ASSERT_TRUE(kept.ok());
  const auto first = kept.value().TakeWeights();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(::pwrite(first.value().get(), "WIPED", 5, 0), 5);
  EXPECT_EQ(ContentOf(clients.get()), "WIPEDodel");
  for (int i = 0; i < 3; ++i) {
    const auto next = kept.value().TakeWeights();
    ASSERT_TRUE(next.ok());
    EXPECT_EQ(ContentOf(next.value().get()), "the model");
    EXPECT_EQ(::pwrite(next.value().get(), "WIPED", 5, 0), 5);
  }
}

TEST(KeptModel, KeepsNothingWhereThereIsOneStart) {
  auto kept = Take("the model", Starts::kOne);
  ASSERT_TRUE(kept.ok());
  EXPECT_TRUE(kept.value().TakeWeights().ok());
  EXPECT_EQ(kept.value().TakeWeights().error().code, Code::kConflict);
}

TEST(KeptModel, HasTheSetupByteByByte) {
  auto kept = Take("the model", Starts::kMany);
  ASSERT_TRUE(kept.ok());
  const auto expected = std::as_bytes(std::span("setup", 5));
  EXPECT_TRUE(std::ranges::equal(kept.value().setup(), expected));
}

TEST(KeptModel, RefusesWhatIsTooLargeOrEmpty) {
  EXPECT_TRUE(Take("four", Starts::kMany, 4).ok());
  EXPECT_EQ(Take("fives", Starts::kMany, 4).error().code, Code::kExhausted);
  EXPECT_EQ(Take("", Starts::kMany).error().code, Code::kInvalid);
  base::UniqueFd setup = MemfdOf("s");
  EXPECT_EQ(::ftruncate(setup.get(), static_cast<off_t>(channel::kSetupBytesMax) + 1), 0);
  EXPECT_EQ(KeptModel::Take(MemfdOf("m"), std::move(setup), Starts::kMany, kPlenty).error().code,
            Code::kExhausted);
}

TEST(KeptModel, RefusesEverythingButMemory) {
  const TestFolder folder;
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const base::UniqueFd writer(pipe[1]);
  const int file = ::open((folder.path() / "model").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::write(file, "model", 5), 5);
  for (const int fd : {pipe[0], file}) {
    const auto kept = KeptModel::Take(base::UniqueFd(fd), MemfdOf("setup"), Starts::kMany, kPlenty);
    ASSERT_FALSE(kept.ok());
    EXPECT_EQ(kept.error().code, Code::kInvalid);
  }
}

TEST(KeptModel, RefusesAFileInMemoryThatHasANameAndAFileWithoutOneThatIsOnDisk) {
  const std::string name = "/bulkhead-test-" + std::to_string(::getpid());
  const int named = ::shm_open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::write(named, "model", 5), 5);
  EXPECT_FALSE(
      KeptModel::Take(base::UniqueFd(named), MemfdOf("setup"), Starts::kMany, kPlenty).ok());
  ::shm_unlink(name.c_str());

  const TestFolder folder;
  const std::string path = folder.path() / "model";
  const int unnamed = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::write(unnamed, "model", 5), 5);
  ::unlink(path.c_str());
  // A machine's folder of temporary files may be memory itself.
  const bool in_memory = ::fcntl(unnamed, F_GET_SEALS) >= 0;
  const auto kept =
      KeptModel::Take(base::UniqueFd(unnamed), MemfdOf("setup"), Starts::kMany, kPlenty);
  EXPECT_EQ(kept.ok(), in_memory);
}

}  // namespace
}  // namespace bulkhead::node
