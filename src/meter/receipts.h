// SPDX-License-Identifier: Apache-2.0
// What a tenant is told of the record that its result was metered with.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/aes_block.h"
#include "base/result.h"
#include "meter/frame_record.h"

namespace bulkhead::meter {

// "<ledger>-<32 of 0-9a-f>": the record's id under a key. Ids count the frames of all tenants, so
// two of them in the clear would tell a tenant how many others sent in between. One thread at a
// time.
class Receipts {
 public:
  // `secret`: of any length and for any purpose; the key is derived from it for this one.
  Receipts(std::string ledger_id, std::span<const std::byte> secret);

  [[nodiscard]] std::string Text(RecordId id) const;

  // kInvalid: not of this ledger, or no receipt at all. One that was made up gives an id that no
  // record has.
  [[nodiscard]] base::Result<RecordId> Read(std::string_view text) const;

 private:
  std::string ledger_id_;
  base::AesBlock cipher_;
};

}  // namespace bulkhead::meter
