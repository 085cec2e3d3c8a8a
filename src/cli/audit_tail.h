// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "cli/console.h"

namespace bulkhead::cli {

struct TailArguments {
  std::filesystem::path log;
  uint64_t lines = 10;
  bool all = false;
  bool follow = false;
  bool json = false;
  bool ocsf = false;
};

// Prints records; with `follow` until standard output is gone.
int RunAuditTail(const TailArguments& given, const Console& console);

}  // namespace bulkhead::cli
