// SPDX-License-Identifier: Apache-2.0
#include "audit/proof.h"

#include <gtest/gtest.h>

#include "audit/test_log.h"

namespace bulkhead::audit {
namespace {

TEST(Proof, IsGivenForEverySignedRecord) {
  const TestFolder folder;
  {
    const auto log = OpenTestLog(folder);
    AppendMany(*log, 700);
  }
  const VerifierKey key = TestSigner().key;
  for (const uint64_t sequence : {0U, 1U, 255U, 256U, 511U, 512U, 700U, 701U}) {
    const auto proof = Prove(folder.log(), sequence, key);
    ASSERT_TRUE(proof.ok()) << proof.error().detail;
    const auto proven = CheckProof(proof.value(), key);
    ASSERT_TRUE(proven.ok()) << proven.error().detail;
    EXPECT_EQ(proven.value().sequence, sequence);
    EXPECT_EQ(proven.value().head.size, 702U);
  }
  EXPECT_EQ(Prove(folder.log(), 702, key).error().code, base::Code::kNotFound);
  EXPECT_EQ(Prove(folder.log(), 1, TestSigner(std::byte{1}).key).error().code, base::Code::kDenied);
}

TEST(Proof, IsRefusedForARecordThatIsNotSigned) {
  const TestFolder folder;
  const auto log = OpenTestLog(folder);
  ASSERT_TRUE(log->AppendAndWait(ExampleEvent()).ok());
  EXPECT_EQ(Prove(folder.log(), 1, TestSigner().key).error().code, base::Code::kConflict);
}

TEST(Proof, RefusesEveryChangedByteAndEveryCut) {
  const TestFolder folder;
  {
    const auto log = OpenTestLog(folder);
    AppendMany(*log, 9);
  }
  const VerifierKey key = TestSigner().key;
  const std::string proof = Prove(folder.log(), 4, key).value();
  for (std::size_t at = 0; at < proof.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = proof;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      EXPECT_FALSE(CheckProof(changed, key).ok()) << at;
    }
    EXPECT_FALSE(CheckProof(proof.substr(0, at), key).ok());
    EXPECT_FALSE(CheckProof(proof.substr(at + 1), key).ok());
  }
}

TEST(Proof, IsNotGivenForAChangedRecordOrTile) {
  const TestFolder folder;
  {
    const auto log = OpenTestLog(folder);
    AppendMany(*log, 9);
  }
  const auto path = folder.log() / SegmentPath(0);
  std::string content = ContentOf(path);
  content.replace(content.find("line-3"), 6, "line-4");
  PutContent(path, content);
  EXPECT_EQ(Prove(folder.log(), 1, TestSigner().key).error().code, base::Code::kCorrupt);
}

}  // namespace
}  // namespace bulkhead::audit
