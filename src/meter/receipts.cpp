// SPDX-License-Identifier: Apache-2.0
#include "meter/receipts.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/hex.h"
#include "base/hmac_sha256.h"

namespace bulkhead::meter {
namespace {

static_assert(std::endian::native == std::endian::little);

base::AesBlock::Bytes KeyFrom(std::span<const std::byte> secret) {
  constexpr std::string_view kPurpose = "bulkhead receipts";
  const base::Sha256Digest digest = base::HmacSha256(secret, std::as_bytes(std::span(kPurpose)));
  base::AesBlock::Bytes key{};
  std::copy_n(digest.begin(), key.size(), key.begin());
  return key;
}

}  // namespace

Receipts::Receipts(std::string ledger_id, std::span<const std::byte> secret)
    : ledger_id_(std::move(ledger_id)), cipher_(KeyFrom(secret)) {}

std::string Receipts::Text(RecordId id) const {
  base::AesBlock::Bytes block{};
  std::memcpy(block.data(), &id.epoch, sizeof(id.epoch));
  std::memcpy(block.data() + sizeof(id.epoch), &id.sequence, sizeof(id.sequence));
  return ledger_id_ + "-" + base::Hex(cipher_.Encrypt(block));
}

base::Result<RecordId> Receipts::Read(std::string_view text) const {
  const std::string prefix = ledger_id_ + "-";
  const bool ours = text.starts_with(prefix);
  const auto bytes = ours ? base::ParseHex(text.substr(prefix.size())) : std::nullopt;
  base::AesBlock::Bytes block{};
  if (!bytes || bytes->size() != block.size()) {
    return base::OperatorError(base::Code::kInvalid, "this is no receipt of this ledger");
  }
  std::ranges::copy(*bytes, block.begin());
  block = cipher_.Decrypt(block);
  RecordId id;
  std::memcpy(&id.epoch, block.data(), sizeof(id.epoch));
  std::memcpy(&id.sequence, block.data() + sizeof(id.epoch), sizeof(id.sequence));
  return id;
}

}  // namespace bulkhead::meter
