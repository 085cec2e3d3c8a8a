// SPDX-License-Identifier: Apache-2.0
#include "audit/merkle.h"

#include <bit>

#include <gtest/gtest.h>

#include "audit/test_log.h"
#include "base/hex.h"

namespace bulkhead::audit {
namespace {

// RFC 6962, section 2.1, word by word.
Hash PlainRoot(std::span<const Hash> leaves) {
  if (leaves.empty()) return base::Sha256Of({});
  if (leaves.size() == 1) return leaves[0];
  const std::size_t left = std::bit_floor(leaves.size() - 1);
  return NodeHash(PlainRoot(leaves.first(left)), PlainRoot(leaves.subspan(left)));
}

std::vector<Hash> Leaves(std::size_t count) {
  std::vector<Hash> leaves;
  for (std::size_t at = 0; at < count; ++at) leaves.push_back(HashOfNumber(at));
  return leaves;
}

base::Status Ignore(std::size_t, uint64_t, std::span<const Hash>) { return base::Ok(); }

ReadSubtree SubtreesOf(const std::vector<Hash>& leaves) {
  return [&leaves](unsigned height, uint64_t index) -> base::Result<Hash> {
    const std::size_t width = std::size_t{1} << height;
    EXPECT_LE((index + 1) * width, leaves.size());
    return PlainRoot(std::span(leaves).subspan(index * width, width));
  };
}

TEST(Merkle, GivesTheRootsOfThePublishedTestTree) {
  // The tree of certificate-transparency's tests: eight entries, roots for each size.
  const std::vector<std::string> entries = {"",
                                            "00",
                                            "10",
                                            "2021",
                                            "3031",
                                            "40414243",
                                            "5051525354555657",
                                            "606162636465666768696a6b6c6d6e6f"};
  const std::vector<std::string> roots = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Tree tree;
  EXPECT_EQ(base::Hex(tree.Root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t at = 0; at < entries.size(); ++at) {
    ASSERT_TRUE(tree.Append(LeafHash(*base::ParseHex(entries[at])), Ignore).ok());
    EXPECT_EQ(base::Hex(tree.Root()), roots[at]) << at;
  }
}

TEST(Merkle, KeepsTheRootAcrossFullTiles) {
  const auto leaves = Leaves(70'000);
  Tree tree;
  std::size_t tiles[3] = {};
  for (std::size_t at = 0; at < leaves.size(); ++at) {
    ASSERT_TRUE(tree.Append(leaves[at],
                            [&](std::size_t level, uint64_t index, auto hashes) {
                              EXPECT_EQ(index, tiles[level]++);
                              EXPECT_EQ(hashes.size(), kTileWidth);
                              return base::Ok();
                            })
                    .ok());
    for (const unsigned size :
         {1U, 255U, 256U, 257U, 511U, 512U, 4096U, 65'535U, 65'536U, 65'537U, 70'000U}) {
      if (size != at + 1) continue;
      EXPECT_EQ(tree.Root(), PlainRoot(std::span(leaves).first(size))) << size;
    }
  }
  // The example of tlog-tiles: a tree of 70,000.
  EXPECT_EQ(tiles[0], 273U);
  EXPECT_EQ(tiles[1], 1U);
  EXPECT_EQ(tree.edge(0).size(), 112U);
  EXPECT_EQ(tree.edge(1).size(), 17U);
  EXPECT_EQ(tree.edge(2).size(), 1U);
}

TEST(Merkle, ProvesEveryLeafOfEverySmallTree) {
  const auto leaves = Leaves(70);
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const std::vector<Hash> some(leaves.begin(), leaves.begin() + static_cast<int>(size));
    const Hash root = PlainRoot(some);
    for (std::size_t index = 0; index < size; ++index) {
      const auto proof = InclusionProof(index, size, SubtreesOf(some));
      ASSERT_TRUE(proof.ok());
      EXPECT_TRUE(ProvesInclusion(proof.value(), some[index], index, size, root));
    }
  }
}

TEST(Merkle, RefusesAProofOfAnotherLeafPlaceSizeOrRoot) {
  const auto leaves = Leaves(37);
  const Hash root = PlainRoot(leaves);
  for (std::size_t index = 0; index < leaves.size(); ++index) {
    const auto proof = InclusionProof(index, 37, SubtreesOf(leaves)).value();
    for (std::size_t other = 0; other < 40; ++other) {
      EXPECT_EQ(ProvesInclusion(proof, leaves[index], other, 37, root), other == index);
    }
    EXPECT_FALSE(ProvesInclusion(proof, leaves[(index + 1) % 37], index, 37, root));
    EXPECT_FALSE(ProvesInclusion(proof, leaves[index], index, 37, leaves[0]));
    EXPECT_FALSE(ProvesInclusion(proof, leaves[index], index, 0, root));
  }
}

// As immudb's clients did not (GHSA-672p-m5jq-mrh8): what lies in the middle of a proof counts too.
TEST(Merkle, LooksAtEveryHashOfAProof) {
  const auto leaves = Leaves(37);
  const Hash root = PlainRoot(leaves);
  for (std::size_t index = 0; index < leaves.size(); ++index) {
    const auto proof = InclusionProof(index, 37, SubtreesOf(leaves)).value();
    for (std::size_t at = 0; at < proof.size(); ++at) {
      auto changed = proof;
      changed[at][at % 32] ^= std::byte{1};
      EXPECT_FALSE(ProvesInclusion(changed, leaves[index], index, 37, root));
      changed = proof;
      changed.erase(changed.begin() + static_cast<int>(at));
      EXPECT_FALSE(ProvesInclusion(changed, leaves[index], index, 37, root));
      changed = proof;
      changed.insert(changed.begin() + static_cast<int>(at), proof[at]);
      EXPECT_FALSE(ProvesInclusion(changed, leaves[index], index, 37, root));
    }
    auto longer = proof;
    longer.push_back(root);
    EXPECT_FALSE(ProvesInclusion(longer, leaves[index], index, 37, root));
  }
}

}  // namespace
}  // namespace bulkhead::audit
