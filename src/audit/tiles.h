// SPDX-License-Identifier: Apache-2.0
// Tiles as files, and what is computed from them.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "audit/log_folder.h"
#include "audit/merkle.h"
#include "base/result.h"

namespace bulkhead::audit {

// Whole and durable, with its folders. kExhausted: no room.
base::Status WriteTile(const std::filesystem::path& log, const TileName& name,
                       std::span<const Hash> hashes);

// kNotFound: no such tile. kCorrupt: not as many hashes as its name says.
base::Result<std::vector<Hash>> ReadTile(const std::filesystem::path& log, const TileName& name);

// The tree of so many leaves, from its newest tiles. Whether they are right is for its root to say.
base::Result<Tree> ReadTree(const std::filesystem::path& log, uint64_t size);

// The subtrees of a tree of `size` leaves, from its tiles; for InclusionProof.
ReadSubtree SubtreesOf(const std::filesystem::path& log, uint64_t size);

}  // namespace bulkhead::audit
