// SPDX-License-Identifier: Apache-2.0
#include "audit/merkle.h"

#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "base/check.h"

namespace bulkhead::audit {
namespace {

// Leaves and nodes begin differently, so that none can stand for the other (RFC 6962, section 2.1).
constexpr std::byte kLeaf{0};
constexpr std::byte kNode{1};

// A digest's state costs more to make than a node to hash.
base::Sha256& Hasher() {
  static thread_local base::Sha256 hasher;
  return hasher;
}

}  // namespace

Hash LeafHash(std::span<const std::byte> entry) {
  base::Sha256& hasher = Hasher();
  hasher.Update({&kLeaf, 1});
  hasher.Update(entry);
  return hasher.Finish();
}

Hash NodeHash(const Hash& left, const Hash& right) {
  std::array<std::byte, 1 + 2 * sizeof(Hash)> node{kNode};
  std::memcpy(node.data() + 1, left.data(), sizeof(Hash));
  std::memcpy(node.data() + 1 + sizeof(Hash), right.data(), sizeof(Hash));
  base::Sha256& hasher = Hasher();
  hasher.Update(node);
  return hasher.Finish();
}

Hash PerfectRoot(std::span<const Hash> hashes) {
  BH_CHECK(std::has_single_bit(hashes.size()) && hashes.size() <= kTileWidth);
  std::array<Hash, kTileWidth> level;
  std::memcpy(level.data(), hashes.data(), hashes.size_bytes());
  for (std::size_t width = hashes.size() / 2; width > 0; width /= 2) {
    for (std::size_t at = 0; at < width; ++at) {
      level[at] = NodeHash(level[2 * at], level[2 * at + 1]);
    }
  }
  return level[0];
}

Tree::Tree(uint64_t size, std::array<std::vector<Hash>, kTileLevels> edge)
    : size_(size), edge_(std::move(edge)) {
  for (std::size_t level = 0; level < kTileLevels; ++level) {
    BH_CHECK(edge_[level].size() == (size >> (8 * level) & 255));
  }
}

base::Status Tree::Append(const Hash& leaf, const OnFullTile& on_full) {
  Hash hash = leaf;
  ++size_;
  for (std::size_t level = 0; level < kTileLevels; ++level) {
    std::vector<Hash>& tile = edge_[level];
    tile.push_back(hash);
    if (tile.size() < kTileWidth) break;
    BH_TRY(on_full(level, (size_ >> (8 * (level + 1))) - 1, tile));
    hash = PerfectRoot(tile);
    tile.clear();
  }
  return base::Ok();
}

Hash Tree::Root() const {
  if (size_ == 0) return base::Sha256Of({});
  // The tree's perfect parts from the right, each one's root to the left of all that follows.
  std::optional<Hash> root;
  for (const std::vector<Hash>& tile : edge_) {
    std::size_t end = tile.size();
    while (end > 0) {
      const std::size_t width = end & (~end + 1);
      const Hash part = PerfectRoot(std::span(tile).subspan(end - width, width));
      root = root ? NodeHash(part, *root) : part;
      end -= width;
    }
  }
  return *root;
}

namespace {

// The root over leaves from `begin` to `end`, where `begin` is a multiple of a power of two that is
// no less than their number.
base::Result<Hash> RangeRoot(uint64_t begin, uint64_t end, const ReadSubtree& read) {
  const uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const auto height = static_cast<unsigned>(std::countr_zero(count));
    return read(height, begin >> height);
  }
  const uint64_t left = std::bit_floor(count);
  BH_ASSIGN(const Hash first, RangeRoot(begin, begin + left, read));
  BH_ASSIGN(const Hash rest, RangeRoot(begin + left, end, read));
  return NodeHash(first, rest);
}

}  // namespace

base::Result<std::vector<Hash>> InclusionProof(uint64_t index, uint64_t size,
                                               const ReadSubtree& read) {
  BH_CHECK(index < size);
  std::vector<std::pair<uint64_t, uint64_t>> siblings;  // from the root's child down
  uint64_t begin = 0;
  uint64_t end = size;
  while (end - begin > 1) {
    const uint64_t middle = begin + std::bit_floor(end - begin - 1);
    const bool left = index < middle;
    siblings.emplace_back(left ? middle : begin, left ? end : middle);
    (left ? end : begin) = middle;
  }
  std::vector<Hash> proof;
  for (auto sibling = siblings.rbegin(); sibling != siblings.rend(); ++sibling) {
    BH_ASSIGN(const Hash hash, RangeRoot(sibling->first, sibling->second, read));
    proof.push_back(hash);
  }
  return proof;
}

bool ProvesInclusion(std::span<const Hash> proof, const Hash& leaf, uint64_t index, uint64_t size,
                     const Hash& root) {
  if (index >= size) return false;
  uint64_t place = index;
  uint64_t last = size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return false;
    if ((place & 1) == 1 || place == last) {
      hash = NodeHash(sibling, hash);
      while ((place & 1) == 0 && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    place >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

}  // namespace bulkhead::audit
