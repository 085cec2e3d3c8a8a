// SPDX-License-Identifier: Apache-2.0
// What a worker writes to its error output, as lines for the node's log. The worker may be hostile:
// however much it writes, it gets a few lines, and waits between them when its pipe is full.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::node {

constexpr std::size_t kLogLinesPerRead = 20;
constexpr std::size_t kLogLineBytesMax = 1024;
// For so long a worker's log is left alone after a read.
constexpr std::chrono::milliseconds kLogPause{200};

// The newest kLogLinesPerRead lines that are not empty, oldest first, each cut; when there were
// more, a first line says how many.
std::vector<std::string> LogLines(std::string_view text);

}  // namespace bulkhead::node
