// SPDX-License-Identifier: Apache-2.0
// The Merkle tree of RFC 6962, section 2.1, as tiles of 256 hashes (C2SP tlog-tiles).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"

namespace bulkhead::audit {

using Hash = base::Sha256Digest;

constexpr std::size_t kTileWidth = 256;
constexpr std::size_t kTileBytes = kTileWidth * sizeof(Hash);
constexpr std::size_t kTileLevels = 8;  // 256^8 leaves are more than a size can say

[[nodiscard]] Hash LeafHash(std::span<const std::byte> entry);
[[nodiscard]] Hash NodeHash(const Hash& left, const Hash& right);
// Of a power of two of hashes, the root above them.
[[nodiscard]] Hash PerfectRoot(std::span<const Hash> hashes);

// The right edge of a growing tree: its newest tile of each level.
class Tree {
 public:
  using OnFullTile =
      std::function<base::Status(std::size_t level, uint64_t index, std::span<const Hash> hashes)>;

  // The tree of so many leaves whose newest tiles these are: of level L, size / 256^L mod 256
  // hashes.
  Tree(uint64_t size, std::array<std::vector<Hash>, kTileLevels> edge);
  Tree() = default;

  // Each tile that becomes full is given to `on_full`, lower ones first; its error is returned, and
  // the tree is of no use then.
  base::Status Append(const Hash& leaf, const OnFullTile& on_full);

  [[nodiscard]] uint64_t size() const { return size_; }
  [[nodiscard]] std::span<const Hash> edge(std::size_t level) const { return edge_[level]; }
  // Of no leaves: the hash of nothing.
  [[nodiscard]] Hash Root() const;

 private:
  uint64_t size_ = 0;
  std::array<std::vector<Hash>, kTileLevels> edge_;
};

// The root of 2^height leaves, the first of which is leaf index * 2^height.
using ReadSubtree = std::function<base::Result<Hash>(unsigned height, uint64_t index)>;

// What proves a leaf to be in a tree of `size` leaves: from its sibling up to the root's child (RFC
// 6962, section 2.1.1). `index` must be below `size`. The error is the reader's.
base::Result<std::vector<Hash>> InclusionProof(uint64_t index, uint64_t size,
                                               const ReadSubtree& read);

// Whether the proof leads from the leaf to this root, by every one of its hashes and no more (RFC
// 9162, section 2.1.3.2).
[[nodiscard]] bool ProvesInclusion(std::span<const Hash> proof, const Hash& leaf, uint64_t index,
                                   uint64_t size, const Hash& root);

}  // namespace bulkhead::audit
