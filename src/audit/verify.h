// SPDX-License-Identifier: Apache-2.0
// Reads a whole log and changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "audit/merkle.h"
#include "audit/verifier_key.h"
#include "base/result.h"

namespace bulkhead::audit {

// A head that this log is known to have had: of an earlier verification, or from the second place.
struct KnownHead {
  uint64_t size = 0;
  Hash root{};
  std::string source;  // for findings
};

struct Finding {
  std::optional<uint64_t> record;  // the sequence, where it is about one
  std::string what;
};
constexpr std::size_t kFindingsMax = 20;

struct VerifyReport {
  uint64_t records = 0;         // that are whole and in their place, when it is sound
  uint64_t signed_records = 0;  // of them, by the newest checkpoint
  Hash signed_root{};
  uint64_t torn_bytes = 0;  // behind the last record: never acknowledged
  int64_t first_unix_ms = 0;
  int64_t last_unix_ms = 0;
  std::vector<Finding> findings;  // the first kFindingsMax
  [[nodiscard]] bool sound() const { return findings.empty(); }
};

// Every byte of every record, their order, the checkpoint's signature and root, every tile that it
// covers, and that every known head is one of this log's past. A log that is being written may be
// read; what is written meanwhile may or may not be counted. Memory does not grow with the log.
//
// kNotFound: no log. Other errors are the file system's; what is wrong with the log is a finding.
base::Result<VerifyReport> Verify(const std::filesystem::path& log, const VerifierKey& key,
                                  std::vector<KnownHead> known = {});

// The key that the log itself names. kInvalid: none.
base::Result<VerifierKey> OwnVerifierKey(const std::filesystem::path& log);

}  // namespace bulkhead::audit
