// SPDX-License-Identifier: Apache-2.0
#include "compartment/worker_program.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace bulkhead::compartment {
namespace {

namespace fs = std::filesystem;
using base::Code;
using testing::HasSubstr;

class WorkerProgramTest : public testing::Test {
 protected:
  WorkerProgramTest()
      : folder_(fs::path(testing::TempDir()) / ("program-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    ::unsetenv("BULKHEAD_WORKER");
    ::unsetenv("ONNXRUNTIME_ROOT");
  }
  ~WorkerProgramTest() override {
    ::unsetenv("BULKHEAD_WORKER");
    fs::remove_all(folder_);
  }

  // A program that answers every question with this.
  [[nodiscard]] fs::path Script(const std::string& commands) const {
    const fs::path path = folder_ / "script";
    std::ofstream(path) << "#!/bin/sh\n" << commands << '\n';
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }

  fs::path folder_;
};

TEST_F(WorkerProgramTest, IsTheOneThatTheEnvironmentNames) {
  const fs::path program = Script("");
  ::setenv("BULKHEAD_WORKER", program.c_str(), 1);
  const auto found = FindWorker();
  ASSERT_TRUE(found.ok()) << found.error().detail;
  EXPECT_EQ(found.value(), program);
}

TEST_F(WorkerProgramTest, IsNoOtherWhereTheEnvironmentNamesNone) {
  std::ofstream(folder_ / "text") << "text";
  for (const fs::path& none : {folder_, folder_ / "text", folder_ / "missing", fs::path()}) {
    ::setenv("BULKHEAD_WORKER", none.c_str(), 1);
    const auto found = FindWorker();
    ASSERT_FALSE(found.ok()) << none;
    EXPECT_EQ(found.error().code, Code::kUnavailable);
    EXPECT_THAT(found.error().detail, HasSubstr("BULKHEAD_WORKER names " + none.string()));
  }
}

TEST_F(WorkerProgramTest, SaysWhereItWasLookedFor) {
  // Of this test program, which has no worker beside it.
  const auto found = FindWorker();
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, Code::kUnavailable);
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  EXPECT_THAT(found.error().detail, HasSubstr("neither in " + here.string()));
  EXPECT_THAT(found.error().detail, HasSubstr("BULKHEAD_WORKER"));
}

TEST_F(WorkerProgramTest, IsAskedForItsLibraryAndListedWithAllThatBothLoad) {
  const auto program = InspectWorker(BULKHEAD_ANSWERING_PROGRAM);
  ASSERT_TRUE(program.ok()) << program.error().detail;
  EXPECT_EQ(program.value().program, BULKHEAD_ANSWERING_PROGRAM);
  EXPECT_EQ(program.value().engine_library.filename().string().substr(0, 7), "libc.so");
  const auto has = [&](const fs::path& path) {
    return std::ranges::any_of(program.value().files, [&](const isolation::FileBind& file) {
      return file.destination == path;
    });
  };
  EXPECT_TRUE(has(program.value().program));
  EXPECT_TRUE(has(program.value().engine_library));
  EXPECT_GE(program.value().files.size(), 3U) << "without its loader";
}

TEST_F(WorkerProgramTest, IsNoneThatNamesNoLibrary) {
  for (const char* commands : {"", "echo", "echo library.so"}) {
    const auto program = InspectWorker(Script(commands));
    ASSERT_FALSE(program.ok()) << commands;
    EXPECT_EQ(program.error().code, Code::kUnavailable);
    EXPECT_THAT(program.error().detail, HasSubstr("did not name its engine library"));
  }
}

TEST_F(WorkerProgramTest, IsNoneThatCannotBeRunOrFails) {
  EXPECT_EQ(InspectWorker(folder_ / "missing").error().code, Code::kUnavailable);
  const auto failed = InspectWorker(Script("echo 'no such runtime' >&2; exit 1"));
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, Code::kUnavailable);
  EXPECT_THAT(failed.error().detail, HasSubstr("no such runtime"));
}

TEST_F(WorkerProgramTest, IsNoneWhoseLibraryIsMissing) {
  ::setenv("ONNXRUNTIME_ROOT", "/nothing/here.so", 1);
  const auto program = InspectWorker(BULKHEAD_ANSWERING_PROGRAM);
  ::unsetenv("ONNXRUNTIME_ROOT");
  ASSERT_FALSE(program.ok());
  EXPECT_EQ(program.error().code, Code::kUnavailable);
  EXPECT_THAT(program.error().detail, HasSubstr("/nothing/here.so"));
}

TEST_F(WorkerProgramTest, IsNoScript) {
  const auto program = InspectWorker(Script("echo /nothing/here.so"));
  ASSERT_FALSE(program.ok());
  EXPECT_EQ(program.error().code, Code::kInvalid);
  EXPECT_THAT(program.error().detail, HasSubstr("script"));
}

}  // namespace
}  // namespace bulkhead::compartment
