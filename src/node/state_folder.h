// SPDX-License-Identifier: Apache-2.0
// The folder of one node: whoever holds it may remove what an earlier holder left.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::node {

struct StateFolder {
  std::filesystem::path path;  // absolute, without symbolic links
  base::UniqueFd lock;         // held for as long as this lives; the kernel lets go of it
};

// Makes the folder (mode 0700, and what is above it) if it is missing, and locks it. The folder
// itself is the lock file, so that nothing is left behind.
//
// Waits up to `patience` for another holder: what a node that was killed had just begun to start
// holds its folder for the moment that it takes to die.
//
// kConflict: another process holds it. kDenied: it may not be made or opened, belongs to another
// user, or others may write to it. kInvalid: not a folder.
base::Result<StateFolder> HoldStateFolder(const std::filesystem::path& path,
                                          std::chrono::milliseconds patience);

// A name for what a holder of this folder makes on the machine, 1 to 32 of [a-z0-9-]: the same
// after a restart, another one for another folder.
std::string OwnerName(const StateFolder& folder);

}  // namespace bulkhead::node
