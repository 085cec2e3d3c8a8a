// SPDX-License-Identifier: Apache-2.0
#include "isolation/program_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace bulkhead::isolation {
namespace {

using testing::HasSubstr;

std::ptrdiff_t CountOf(const std::vector<FileBind>& files, std::string_view prefix) {
  return std::ranges::count_if(files, [&](const FileBind& bind) {
    return bind.destination.filename().native().starts_with(prefix) &&
           bind.destination.is_absolute() && std::filesystem::exists(bind.source);
  });
}

TEST(ProgramFiles, FindsTheProgramItsLoaderAndItsLibrariesOnceEach) {
  const auto files = ProgramFiles({"/proc/self/exe"});
  ASSERT_TRUE(files.ok()) << files.error().detail;
  for (const std::string_view name : {"exe", "libc.so.6", "libstdc++.so.6", "ld-linux"}) {
    EXPECT_EQ(CountOf(files.value(), name), 1) << name;
  }
}

TEST(ProgramFiles, KeepsTheNameOfALinkThatLeadsToAProgram) {
  const std::string link = testing::TempDir() + "program-link-" + std::to_string(::getpid());
  std::filesystem::create_symlink(std::filesystem::read_symlink("/proc/self/exe"), link);
  const auto files = ProgramFiles({link});
  std::filesystem::remove(link);
  ASSERT_TRUE(files.ok()) << files.error().detail;
  EXPECT_EQ(files.value()[0].source, link);
  EXPECT_EQ(files.value()[0].destination, link);
}

TEST(ProgramFiles, AddsTheLibrariesOfALibraryThatAProgramOpensLater) {
  const auto program = ProgramFiles({"/proc/self/exe"});
  ASSERT_TRUE(program.ok());
  const auto libc = std::ranges::find_if(program.value(), [](const FileBind& bind) {
    return bind.destination.filename() == "libc.so.6";
  });
  ASSERT_NE(libc, program.value().end());
  const auto both = ProgramFiles({"/proc/self/exe", libc->source});
  ASSERT_TRUE(both.ok()) << both.error().detail;
  EXPECT_EQ(both.value().size(), program.value().size()) << "it was one of its libraries already";
}

TEST(ProgramFiles, NeedsAProgramBeforeALibrary) {
  const auto files = ProgramFiles({"/proc/self/exe"});
  ASSERT_TRUE(files.ok());
  const auto library = std::ranges::find_if(files.value(), [](const FileBind& bind) {
    return bind.destination.filename() == "libstdc++.so.6";
  });
  ASSERT_NE(library, files.value().end());
  const auto alone = ProgramFiles({library->source});
  ASSERT_FALSE(alone.ok());
  EXPECT_EQ(alone.error().code, base::Code::kInvalid);
  EXPECT_THAT(alone.error().detail, HasSubstr("a program must come first"));
}

TEST(ProgramFiles, RefusesAScriptAndAnEmptyFile) {
  const std::string script = testing::TempDir() + "script-" + std::to_string(::getpid());
  for (const char* text : {"#!/bin/sh\nexit 0\n", ""}) {
    std::ofstream(script) << text;
    const auto files = ProgramFiles({script});
    ASSERT_FALSE(files.ok());
    EXPECT_EQ(files.error().code, base::Code::kInvalid);
    EXPECT_THAT(files.error().detail, HasSubstr(script));
  }
  std::filesystem::remove(script);
}

TEST(ProgramFiles, NamesAProgramThatIsMissing) {
  const auto files = ProgramFiles({"/nowhere/program"});
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().code, base::Code::kUnavailable);
  EXPECT_THAT(files.error().detail, HasSubstr("/nowhere/program"));
}

}  // namespace
}  // namespace bulkhead::isolation
