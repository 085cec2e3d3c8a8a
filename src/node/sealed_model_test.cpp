// SPDX-License-Identifier: Apache-2.0
#include "node/sealed_model.h"

#include <array>

#include <gtest/gtest.h>

#include "channel/limits.h"
#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using base::Code;

const seal::SealedName kName{"tenantA000000001", "m", 1};

TEST(SealedModel, HasTheSetupByteByByteAndTheFileUntouched) {
  base::UniqueFd file = EmptyFile();
  const int number = file.get();
  const auto taken = TakeSealedModel(kName, std::move(file), MemfdOf("setup"));
  ASSERT_TRUE(taken.ok());
  EXPECT_TRUE(std::ranges::equal(taken.value().setup, std::as_bytes(std::span("setup", 5))));
  EXPECT_EQ(taken.value().file->get(), number);
  EXPECT_EQ(taken.value().name, kName);
}

TEST(SealedModel, TakesNoSetupThatIsTooLargeOrEmpty) {
  EXPECT_EQ(TakeSealedModel(kName, EmptyFile(), MemfdOf("")).error().code, Code::kInvalid);
  const base::UniqueFd setup = MemfdOf("s");
  EXPECT_EQ(::ftruncate(setup.get(), static_cast<off_t>(channel::kSetupBytesMax) + 1), 0);
  EXPECT_EQ(TakeSealedModel(kName, EmptyFile(), setup).error().code, Code::kExhausted);
}

TEST(SealedModel, KnowsAMemfdFromEverythingElse) {
  EXPECT_EQ(MemfdBytes(MemfdOf("four").get(), 4).value(), 4U);
  EXPECT_EQ(MemfdBytes(MemfdOf("fives").get(), 4).error().code, Code::kExhausted);
  const TestFolder folder;
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const base::UniqueFd reader(pipe[0]);
  const base::UniqueFd writer(pipe[1]);
  const base::UniqueFd file(
      ::open((folder.path() + "/model").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(::write(file.get(), "model", 5), 5);
  for (const int fd : {reader.get(), file.get()}) {
    EXPECT_EQ(MemfdBytes(fd, 100).error().code, Code::kInvalid);
  }
}

TEST(SealedModel, TakesAFileInMemoryThatHasANameForNoMemfd) {
  const std::string name = "/bulkhead-test-" + std::to_string(::getpid());
  const base::UniqueFd named(::shm_open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(::write(named.get(), "model", 5), 5);
  EXPECT_EQ(MemfdBytes(named.get(), 100).error().code, Code::kInvalid);
  ::shm_unlink(name.c_str());
}

}  // namespace
}  // namespace bulkhead::node
