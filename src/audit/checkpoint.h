// SPDX-License-Identifier: Apache-2.0
// A log's head, signed: C2SP tlog-checkpoint, a signed note.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/merkle.h"
#include "audit/verifier_key.h"
#include "base/result.h"

namespace bulkhead::audit {

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  Hash root{};
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

constexpr std::size_t kNoteBytesMax = 64 << 10;
constexpr std::size_t kSignaturesMax = 64;

// The note, with one signature; the origin is the signer's name. The error is the signer's.
base::Result<std::string> SignCheckpoint(uint64_t size, const Hash& root, const Signer& signer);

// Reads a note that `key` signed and whose origin is the key's name. Signatures of other keys
// (witnesses) and extension lines are passed over.
//
// kCorrupt: not a checkpoint. kDenied: another origin, no signature of the key, or a wrong one.
base::Result<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key);

}  // namespace bulkhead::audit
