// SPDX-License-Identifier: Apache-2.0
// That a record is in a log, as a file that anybody can check: C2SP tlog-proof.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "audit/checkpoint.h"
#include "audit/verifier_key.h"
#include "base/result.h"

namespace bulkhead::audit {

constexpr std::size_t kProofBytesMax = 256 << 10;

// The proof of a record to be in the log's newest checkpoint; its `extra` line is the record. It is
// checked before it is given. kNotFound: no such record. kConflict: it is not signed yet. kCorrupt,
// kDenied: the log does not prove it; Verify says what is wrong.
base::Result<std::string> Prove(const std::filesystem::path& log, uint64_t sequence,
                                const VerifierKey& key);

struct ProvenRecord {
  std::string line;
  uint64_t sequence = 0;
  Checkpoint head;
};

// kCorrupt: not a proof, or it does not lead to the checkpoint's root. kDenied: as of
// OpenCheckpoint.
base::Result<ProvenRecord> CheckProof(std::string_view proof, const VerifierKey& key);

}  // namespace bulkhead::audit
