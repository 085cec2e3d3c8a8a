// SPDX-License-Identifier: Apache-2.0
#include "compartment/weights.h"

#include <array>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bulkhead::compartment {
namespace {

namespace fs = std::filesystem;
using base::Code;

constexpr std::size_t kBytesMax = std::size_t{1} << 20;

class LoadWeightsTest : public testing::Test {
 protected:
  LoadWeightsTest()
      : folder_(fs::path(testing::TempDir()) / ("weights-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }
  ~LoadWeightsTest() override { fs::remove_all(folder_); }

  [[nodiscard]] fs::path Write(const std::string& text) const {
    std::ofstream(folder_ / "model") << text;
    return folder_ / "model";
  }

  static Code Refusal(const fs::path& path, std::size_t bytes_max = kBytesMax) {
    const auto weights = LoadWeights(path, bytes_max);
    EXPECT_FALSE(weights.ok());
    return weights.ok() ? Code::kInternal : weights.error().code;
  }

  fs::path folder_;
};

TEST_F(LoadWeightsTest, CopiesEveryByteIntoAFileWithoutAName) {
  // More than the kernel moves at once through its own buffers.
  std::string text(300'000, 'w');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7919 >> 5);
  const auto weights = LoadWeights(Write(text), kBytesMax);
  ASSERT_TRUE(weights.ok()) << weights.error().detail;
  const int fd = weights.value().get();
  struct stat status = {};
  ASSERT_EQ(::fstat(fd, &status), 0);
  EXPECT_EQ(status.st_nlink, 0U);
  ASSERT_EQ(static_cast<std::size_t>(status.st_size), text.size());
  std::string copy(text.size(), '\0');
  ASSERT_EQ(::pread(fd, copy.data(), copy.size(), 0), static_cast<ssize_t>(copy.size()));
  EXPECT_TRUE(copy == text);
}

TEST_F(LoadWeightsTest, GoesIntoNoOtherProgramByItself) {
  const auto weights = LoadWeights(Write("model"), kBytesMax);
  ASSERT_TRUE(weights.ok());
  EXPECT_EQ(::fcntl(weights.value().get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(LoadWeightsTest, CannotBeSealedAgainstTheWorkerThatWipesIt) {
  const auto weights = LoadWeights(Write("model"), kBytesMax);
  ASSERT_TRUE(weights.ok());
  EXPECT_EQ(::fcntl(weights.value().get(), F_GET_SEALS), F_SEAL_SEAL);
  EXPECT_NE(::fcntl(weights.value().get(), F_ADD_SEALS, F_SEAL_WRITE), 0);
  EXPECT_EQ(::pwrite(weights.value().get(), "-----", 5, 0), 5);
}

TEST_F(LoadWeightsTest, TakesAFileAsLargeAsTheLimitAndNoneThatIsLarger) {
  const fs::path model = Write("model");
  EXPECT_TRUE(LoadWeights(model, 5).ok());
  EXPECT_EQ(Refusal(model, 4), Code::kExhausted);
}

TEST_F(LoadWeightsTest, RefusesWhatIsNoModelFile) {
  EXPECT_EQ(Refusal(folder_ / "missing"), Code::kNotFound);
  EXPECT_EQ(Refusal(folder_), Code::kInvalid);
  EXPECT_EQ(Refusal(Write("")), Code::kInvalid);
  EXPECT_EQ(Refusal("/dev/null"), Code::kInvalid);
  // Nobody writes to it: an open that waits would wait for ever.
  const fs::path fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(Refusal(fifo), Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::compartment
