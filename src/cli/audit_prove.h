// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cli/console.h"

namespace bulkhead::cli {

struct ProveArguments {
  std::filesystem::path log;
  uint64_t record = 0;
  std::string key;
  std::filesystem::path out;    // empty: standard output
  std::filesystem::path check;  // a proof to check instead
  bool json = false;
};

int RunAuditProve(const ProveArguments& given, const Console& console);

}  // namespace bulkhead::cli
