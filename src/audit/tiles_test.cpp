// SPDX-License-Identifier: Apache-2.0
#include "audit/tiles.h"

#include <gtest/gtest.h>

#include "audit/test_log.h"

namespace bulkhead::audit {
namespace {

TEST(TilePath, IsWhatItsSpecificationShows) {
  EXPECT_EQ(TilePath({.level = 0, .index = 1'234'067, .width = 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(TilePath({.level = 1, .index = 0, .width = 17}), "tile/1/000.p/17");
  EXPECT_EQ(TilePath({.level = 7, .index = 1000, .width = 255}), "tile/7/x001/000.p/255");
}

TEST(TilePath, IsReadBackAndNothingElseIs) {
  for (const TileName& name : {TileName{0, 0, 256}, TileName{7, 999, 1}, TileName{3, 1000, 255},
                               TileName{0, 1'234'067, 256}, TileName{0, 999'999'999'999, 9}}) {
    EXPECT_EQ(ParseTilePath(TilePath(name)), name);
  }
  for (const char* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/0",
                           "tile/0/0000",
                           "tile/8/000",
                           "tile/00/000",
                           "tile/0/x000/000",
                           "tile/0/001/000",
                           "tile/0/x001",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p",
                           "tile/0/000/",
                           "tiles/0/000",
                           "tile/0/x001/000.p/1/2",
                           "tile/0/x999/x999/x999/x999/x999/x999/x999/999"}) {
    EXPECT_EQ(ParseTilePath(path), std::nullopt) << path;
  }
}

TEST(SegmentNumber, IsReadFromTheOneWayOfWritingIt) {
  EXPECT_EQ(SegmentPath(3), "records/0000000003.jsonl");
  EXPECT_EQ(SegmentNumber("0000000003.jsonl"), 3U);
  EXPECT_EQ(SegmentNumber("3.jsonl"), std::nullopt);
  EXPECT_EQ(SegmentNumber("00000000003.jsonl"), std::nullopt);
  EXPECT_EQ(SegmentNumber("0000000003.json"), std::nullopt);
}

TEST(Tiles, GiveTheTreeAndItsProofsBack) {
  const TestFolder folder;
  Tree tree;
  const uint64_t size = 66'100;
  for (uint64_t at = 0; at < size; ++at) {
    const auto write = [&](std::size_t level, uint64_t index, std::span<const Hash> hashes) {
      // Syncing hundreds of files is not what is tested; every tile that a proof below reads is.
      if (level == 0 && index != 0 && index < 255) return base::Ok();
      return WriteTile(folder.path(), {.level = level, .index = index, .width = 256}, hashes);
    };
    ASSERT_TRUE(tree.Append(HashOfNumber(at), write).ok());
  }
  for (std::size_t level = 0; level < kTileLevels; ++level) {
    const auto edge = tree.edge(level);
    if (edge.empty()) continue;
    const TileName name{.level = level, .index = size >> (8 * level) >> 8, .width = edge.size()};
    ASSERT_TRUE(WriteTile(folder.path(), name, edge).ok());
  }
  EXPECT_EQ(ReadTree(folder.path(), size).value().Root(), tree.Root());
  for (const uint64_t index :
       {uint64_t{0}, uint64_t{77}, uint64_t{65'535}, uint64_t{65'536}, uint64_t{66'099}}) {
    const auto proof = InclusionProof(index, size, SubtreesOf(folder.path(), size));
    ASSERT_TRUE(proof.ok()) << proof.error().detail;
    EXPECT_TRUE(ProvesInclusion(proof.value(), HashOfNumber(index), index, size, tree.Root()));
  }
}

TEST(Tiles, ServeAnEarlierSizeFromAFullTile) {
  const TestFolder folder;
  std::vector<Hash> hashes;
  for (uint64_t at = 0; at < 256; ++at) hashes.push_back(HashOfNumber(at));
  const TileName full{.level = 0, .index = 0, .width = 256};
  ASSERT_TRUE(WriteTile(folder.path(), full, hashes).ok());
  Tree tree;
  const auto nothing = [](std::size_t, uint64_t, std::span<const Hash>) { return base::Ok(); };
  for (uint64_t at = 0; at < 7; ++at) ASSERT_TRUE(tree.Append(hashes[at], nothing).ok());
  EXPECT_EQ(ReadTree(folder.path(), 7).value().Root(), tree.Root());
}

TEST(Tiles, RefuseOneOfAnotherLength) {
  const TestFolder folder;
  const std::vector<Hash> hashes(3);
  ASSERT_TRUE(WriteTile(folder.path(), {.level = 0, .index = 0, .width = 4}, hashes).ok());
  EXPECT_EQ(ReadTree(folder.path(), 4).error().code, base::Code::kCorrupt);
  EXPECT_EQ(ReadTree(folder.path(), 5).error().code, base::Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::audit
