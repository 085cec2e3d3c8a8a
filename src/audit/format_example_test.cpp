// SPDX-License-Identifier: Apache-2.0
// The example of docs/formats/audit_log.md, made anew.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/checkpoint.h"
#include "audit/record.h"
#include "audit/test_log.h"
#include "base/hex.h"

namespace bulkhead::audit {
namespace {

using testing::HasSubstr;

std::string AsText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(AuditLogFormat, IsWhatItsPageShows) {
  const std::string page = ContentOf(BULKHEAD_SOURCE_DIR "/docs/formats/audit_log.md");
  std::vector<std::byte> first;
  EncodeRecord({.time_unix_ms = 1'800'000'000'000}, EncodeEvent({.kind = EventKind::kLogStart}),
               first);
  const Hash first_hash = LeafHash(first);
  std::vector<std::byte> second;
  EncodeRecord(
      {.sequence = 1, .group = 1, .previous = first_hash, .time_unix_ms = 1'800'000'000'250},
      EncodeEvent({.kind = EventKind::kKeyRevoke,
                   .audit_id = "9Xk2",
                   .user_name = "ada",
                   .tenant = "acme",
                   .object_name = "k1 \"old\"",
                   .status = 200}),
      second);
  const Hash second_hash = LeafHash(second);
  Tree tree;
  const auto nothing = [](std::size_t, uint64_t, std::span<const Hash>) { return base::Ok(); };
  ASSERT_TRUE(tree.Append(first_hash, nothing).ok());
  ASSERT_TRUE(tree.Append(second_hash, nothing).ok());
  const Signer signer = TestSigner();
  EXPECT_THAT(page, HasSubstr(AsText(first) + "\n" + AsText(second) + "\n"));
  EXPECT_THAT(page, HasSubstr(base::Hex(first_hash) + "\n" + base::Hex(second_hash) + "\n"));
  EXPECT_THAT(page, HasSubstr(base::Hex(tree.Root())));
  EXPECT_THAT(page, HasSubstr(FormatVerifierKey(signer.key)));
  EXPECT_THAT(page, HasSubstr(SignCheckpoint(2, tree.Root(), signer).value()));
}

}  // namespace
}  // namespace bulkhead::audit
