// SPDX-License-Identifier: Apache-2.0
// What a verifier remembers of a log, so that it is not shown an older one or another history.
#pragma once

#include <filesystem>
#include <optional>

#include "audit/checkpoint.h"
#include "audit/verifier_key.h"
#include "base/result.h"

namespace bulkhead::audit {

struct Seen {
  VerifierKey key;
  uint64_t size = 0;
  Hash root{};
};

// nullopt: nothing is remembered yet. kCorrupt: the file is none that WriteSeen writes; it is never
// taken for nothing.
base::Result<std::optional<Seen>> ReadSeen(const std::filesystem::path& path);

// Durable on return. Call it for what Verify found sound, and no smaller than before.
base::Status WriteSeen(const std::filesystem::path& path, const Seen& seen);

}  // namespace bulkhead::audit
