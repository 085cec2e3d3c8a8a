// SPDX-License-Identifier: Apache-2.0
#include "isolation/loader_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::isolation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(LoaderList, TakesThePathUnderWhichALibraryIsLookedUp) {
  const auto paths = ParseLoaderList(
      "\tlinux-vdso.so.1 (0x00007ffd3b5f2000)\n"
      "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f3a50a00000)\n"
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f3a50c8b000)\n");
  ASSERT_TRUE(paths.ok());
  EXPECT_THAT(paths.value(),
              ElementsAre(LoadedLibrary{"libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"},
                          LoadedLibrary{"", "/lib64/ld-linux-x86-64.so.2"}));
}

TEST(LoaderList, NamesALibraryThatIsMissing) {
  const auto paths = ParseLoaderList("\tlibgone.so.3 => not found\n");
  ASSERT_FALSE(paths.ok());
  EXPECT_EQ(paths.error().code, base::Code::kUnavailable);
  EXPECT_THAT(paths.error().detail, testing::StartsWith("libgone.so.3: "));
}

TEST(LoaderList, IsEmptyForAProgramWithoutLibraries) {
  const auto paths = ParseLoaderList("\tstatically linked\n");
  ASSERT_TRUE(paths.ok());
  EXPECT_THAT(paths.value(), IsEmpty());
}

TEST(LoaderList, RefusesWhatNoLoaderPrints) {
  const auto paths = ParseLoaderList("usage: something else\n");
  ASSERT_FALSE(paths.ok());
  EXPECT_EQ(paths.error().code, base::Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::isolation
