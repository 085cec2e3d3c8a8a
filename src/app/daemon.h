// SPDX-License-Identifier: Apache-2.0
// What the programs that serve until they are told to stop have in common.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace CLI {
class App;
}

namespace bulkhead::app {

enum ExitCode : int { kSuccess = 0, kFailure = 1, kUsage = 2 };

// Whether the text of an entry may have several lines.
enum class LineEnds : uint8_t { kReplace, kKeep };

struct Log {
  std::string_view program;
  LineEnds line_ends = LineEnds::kReplace;

  // "PROGRAM: TEXT" to standard error in one write, control characters as '?'. A log that is closed
  // or full is no reason to fail. Any thread.
  void operator()(std::string_view text) const;
};

// The signals are from here on read from the descriptor (signalfd(2)), which does not block; before
// any thread is started. Errors as of base::ErrnoError.
base::Result<base::UniqueFd> OpenSignals(std::initializer_list<int> signals);

// No core files, as tenants' bytes pass through memory, and as many descriptors as the system
// allows. Errors as of base::ErrnoError.
base::Status PrepareProcess();

// The exit status, when the command line is wrong or asked for no more than a text; either is said.
std::optional<int> ParseArguments(CLI::App& program, int argc, char** argv, const Log& log);

// A main around `run`: whom one writes to may go away, and an exception is a failure that is said.
int RunMain(int argc, char** argv, const Log& log, int (*run)(int argc, char** argv));

}  // namespace bulkhead::app
