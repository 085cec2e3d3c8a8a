// SPDX-License-Identifier: Apache-2.0
#include "node/worker_log.h"

#include <algorithm>

namespace bulkhead::node {

std::vector<std::string> LogLines(std::string_view text) {
  std::vector<std::string> lines;
  std::size_t left_out = 0;
  while (!text.empty()) {
    const std::size_t start = text.find_last_of('\n');
    const std::string_view line = start == std::string_view::npos ? text : text.substr(start + 1);
    text = text.substr(0, start == std::string_view::npos ? 0 : start);
    if (line.empty()) continue;
    if (lines.size() < kLogLinesPerRead) {
      lines.emplace_back(line.substr(0, kLogLineBytesMax));
    } else {
      ++left_out;
    }
  }
  if (left_out > 0) lines.push_back("(" + std::to_string(left_out) + " lines left out)");
  std::ranges::reverse(lines);
  return lines;
}

}  // namespace bulkhead::node
