// SPDX-License-Identifier: Apache-2.0
// Whoever can name a file of a compartment, or put another in its place, gets no other file, device
// or folder into it. Nothing that is refused leaves anything behind.
#include <filesystem>
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test_folder.h"
#include "sandbox_cases/laboratory.h"

namespace bulkhead::sandbox_cases {
namespace {

namespace fs = std::filesystem;

class PathTricks : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(laboratory_.failure, ""); }

  // The code of a start with one file more, which must fail.
  base::Code CodeWith(const fs::path& source, const fs::path& destination) {
    isolation::LaunchSpec spec;
    spec.name = "tricks";
    spec.files = laboratory_.program.files;
    spec.files.push_back({source, destination});
    spec.program = laboratory_.program.program;
    spec.share = {laboratory_.cpus, kMemoryBytes, 8};
    spec.policy = laboratory_.policy;
    auto started = laboratory_.driver->Start(spec);
    if (!started.ok()) return started.error().code;
    ADD_FAILURE() << source << " as " << destination << " was taken";
    static_cast<void>(
        laboratory_.driver->Destroy(std::move(started).value(), isolation::Cause::kKilled));
    return base::Code::kInternal;
  }

  Laboratory laboratory_ = OpenLaboratory();
  const base::TestFolder folder_;
};

TEST_F(PathTricks, InsidePathsThatLeadElsewhereAreInvalid) {
  for (const char* destination :
       {"", "relative", "/", "/a/../b", "/./a", "//a", "/a/", "/a/.", "/..", "/../etc/passwd"}) {
    EXPECT_EQ(CodeWith("/etc/passwd", destination), base::Code::kInvalid) << destination;
  }
  EXPECT_EQ(CodeWith("/etc/passwd", std::string("/a\0b", 4)), base::Code::kInvalid);
  const fs::path& program = laboratory_.program.program;
  EXPECT_EQ(CodeWith("/etc/passwd", program), base::Code::kInvalid);
  EXPECT_EQ(CodeWith("/etc/passwd", program / "below-a-file"), base::Code::kInvalid);
}

TEST_F(PathTricks, OnlyRegularFilesArePlaced) {
  const fs::path fifo = folder_.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0666), 0);
  const fs::path to_device = folder_.path() / "to-device";
  fs::create_symlink("/dev/zero", to_device);
  const fs::path to_folder = folder_.path() / "to-folder";
  fs::create_symlink("/etc", to_folder);
  const fs::path nowhere = folder_.path() / "nowhere";
  fs::create_symlink("missing", nowhere);
  const fs::path circle = folder_.path() / "circle";
  fs::create_symlink("circle", circle);
  for (const fs::path& source : {fs::path("/etc"), fs::path("/dev/null"), fs::path("/proc/self/fd"),
                                 fifo, to_device, to_folder, nowhere, circle}) {
    EXPECT_NE(CodeWith(source, "/trick"), base::Code::kInternal) << source;
  }
}

}  // namespace
}  // namespace bulkhead::sandbox_cases
