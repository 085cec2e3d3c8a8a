// SPDX-License-Identifier: Apache-2.0
#include "isolation/program_files.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::isolation {
namespace {

bool Binds(const std::vector<FileBind>& files, std::string_view name) {
  return std::any_of(files.begin(), files.end(), [&](const FileBind& bind) {
    return bind.destination.filename() == name && bind.source == bind.destination;
  });
}

TEST(ProgramFiles, FindsTheProgramItsLoaderAndItsLibraries) {
  const auto files = ProgramFiles({"/proc/self/exe"});
  ASSERT_TRUE(files.ok()) << files.error().detail;
  EXPECT_TRUE(Binds(files.value(), "exe"));
  EXPECT_TRUE(Binds(files.value(), "libc.so.6"));
  EXPECT_TRUE(Binds(files.value(), "libstdc++.so.6"));
  const auto is_loader = [](const FileBind& bind) {
    return bind.destination.filename().string().starts_with("ld-linux");
  };
  EXPECT_EQ(std::count_if(files.value().begin(), files.value().end(), is_loader), 1);
}

TEST(ProgramFiles, RefusesAScript) {
  const auto files = ProgramFiles({"/usr/bin/ldd"});
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().code, base::Code::kInvalid);
  EXPECT_THAT(files.error().detail, testing::HasSubstr("/usr/bin/ldd: "));
}

TEST(ProgramFiles, NamesAProgramThatIsMissing) {
  const auto files = ProgramFiles({"/nowhere/program"});
  ASSERT_FALSE(files.ok());
  EXPECT_THAT(files.error().detail, testing::HasSubstr("/nowhere/program"));
}

}  // namespace
}  // namespace bulkhead::isolation
