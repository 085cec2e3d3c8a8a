// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace bulkhead::base {

struct CommandOutput {
  std::string out;
  std::string err;
};

// Runs a program (no shell, no search path; arguments[0] is its file) with an empty input and the
// given environment, and returns what it wrote. Blocks; safe beside other threads.
//
// kUnavailable: it cannot be started, ended with another status than 0, or wrote more than
// `bytes_max`; the detail holds the first line of its errors. kDeadline: it ran longer than
// `timeout` and was killed.
Result<CommandOutput> CaptureOutput(const std::vector<std::string>& arguments,
                                    const std::vector<std::string>& environment,
                                    std::size_t bytes_max, std::chrono::milliseconds timeout);

}  // namespace bulkhead::base
