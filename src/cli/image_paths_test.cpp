// SPDX-License-Identifier: Apache-2.0
#include "cli/image_paths.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class ImagePathsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "empty");
    for (const char* name : {"b.PNG", "a.jpg", "notes.txt", "c.webp"})
      std::ofstream(folder_ / name);
  }

  fs::path folder_;
};

TEST_F(ImagePathsTest, AFolderStandsForItsPicturesByName) {
  const auto found = FindImages({folder_.string()});
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(found.value(), ElementsAre(folder_ / "a.jpg", folder_ / "b.PNG", folder_ / "c.webp"));
}

TEST_F(ImagePathsTest, AFileStandsForItselfWhateverItsName) {
  const auto found = FindImages({(folder_ / "notes.txt").string()});
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(found.value(), ElementsAre(folder_ / "notes.txt"));
}

TEST_F(ImagePathsTest, AFolderWithoutPicturesIsAnErrorThatNamesIt) {
  const auto found = FindImages({(folder_ / "empty").string()});
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.error().detail, HasSubstr("empty: no .jpg"));
}

TEST_F(ImagePathsTest, AMissingFileIsAnErrorThatNamesIt) {
  const auto found = FindImages({(folder_ / "missing.jpg").string()});
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, base::Code::kNotFound);
  EXPECT_THAT(found.error().detail, HasSubstr("missing.jpg"));
}

}  // namespace
}  // namespace bulkhead::cli
