// SPDX-License-Identifier: Apache-2.0
// The lines of a log's segments, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::audit {

struct Line {
  std::string_view text;  // without its end; of a line that is too long a part of it
  uint64_t segment = 0;
  uint64_t offset = 0;  // in the segment's file
  bool ended = true;    // by an end of line
};

// From the first line of a segment on, through all that follow without a gap.
class LineReader {
 public:
  LineReader(std::filesystem::path log, uint64_t segment);

  // nullopt: no more. The text is good until the next call. Errors are the file system's.
  base::Result<std::optional<Line>> Next();

 private:
  base::Result<bool> OpenNext();
  base::Result<bool> Fill();
  Line TakeTo(std::size_t end, bool ended);

  std::filesystem::path log_;
  uint64_t segment_;
  base::UniqueFd file_;
  std::vector<char> bytes_;
  std::size_t begin_ = 0;  // of what was read and not given
  std::size_t end_ = 0;
  uint64_t offset_ = 0;  // of begin_ in the file
};

}  // namespace bulkhead::audit
