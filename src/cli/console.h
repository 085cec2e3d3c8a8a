// SPDX-License-Identifier: Apache-2.0
// Where a command writes, and what it may assume about the reader.
#pragma once

#include <iosfwd>
#include <string_view>

#include "base/result.h"

namespace bulkhead::cli {

struct Console {
  std::ostream* out = nullptr;  // results
  std::ostream* err = nullptr;  // errors, warnings, progress
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

enum ExitCode : int { kSuccess = 0, kFailure = 1, kUsage = 2 };

// "bulkhead COMMAND: SUBJECT: detail" on one line of err. An empty subject is left out.
void PrintError(const Console& console, std::string_view command, std::string_view subject,
                const base::Error& error);

}  // namespace bulkhead::cli
