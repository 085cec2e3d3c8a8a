// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/private_root.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::isolation {
namespace {

Bind To(const std::string& destination) { return {BindKind::kFile, "/s", destination, {}}; }

TEST(PlanRoot, ListsEveryFolderOnceAndBeforeWhatIsInIt) {
  std::vector<Bind> binds;
  binds.push_back(To("/usr/lib/x/libx.so"));
  binds.push_back(To("/usr/lib/liby.so"));
  binds.push_back(To("/program"));
  const RootPlan plan = PlanRoot(std::move(binds));
  EXPECT_THAT(plan.folders, testing::ElementsAre("usr", "usr/lib", "usr/lib/x"));
}

TEST(PlanRoot, LeavesRoomForItsFilesAndFoldersAlone) {
  std::vector<Bind> binds;
  binds.push_back(To("/bin/a"));
  binds.push_back(To("/bin/b"));
  // The root, the folder, and two mount points.
  EXPECT_EQ(PlanRoot(std::move(binds)).inode_count, "4");
}

}  // namespace
}  // namespace bulkhead::isolation
