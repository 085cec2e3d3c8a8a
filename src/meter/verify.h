// SPDX-License-Identifier: Apache-2.0
// Reads a whole ledger and says what it holds and what is wrong with it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "meter/frame_record.h"

namespace bulkhead::meter {

// Something that cannot be after any crash.
struct Finding {
  std::string file;  // its name in the folder
  uint64_t offset = 0;
  std::string what;
  friend bool operator==(const Finding&, const Finding&) = default;
};

struct OutcomeTotal {
  uint64_t records = 0;
  uint64_t frames = 0;
  friend bool operator==(const OutcomeTotal&, const OutcomeTotal&) = default;
};

struct VerifyReport {
  std::string ledger_id;
  uint64_t segments = 0;
  uint64_t epochs = 0;
  uint64_t bytes = 0;
  uint64_t records = 0;  // export marks included
  OutcomeTotal ok;
  OutcomeTotal failed;
  OutcomeTotal undelivered;
  uint64_t exports = 0;
  // At the end of the last segment: a group that a crash cut, or that is being written right now.
  uint64_t torn_bytes = 0;
  std::vector<Finding> findings;

  [[nodiscard]] bool sound() const { return findings.empty(); }
};

// Every byte of every segment is read; nothing is changed, no lock is taken, and a ledger that is
// appended to meanwhile is judged as it was at some moment. Checked: checksums; ids without gap or
// double; that segments and groups follow each other; that what is taken back was given; that
// exports leave nothing out and give nothing twice.
//
// kNotFound: no such folder, or no segment in it. kUnavailable: a file cannot be read.
base::Result<VerifyReport> Verify(const std::filesystem::path& folder);

}  // namespace bulkhead::meter
