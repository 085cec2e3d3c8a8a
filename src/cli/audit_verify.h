// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "cli/console.h"

namespace bulkhead::cli {

struct AuditVerifyArguments {
  std::filesystem::path log;
  std::string key;                    // empty: the one seen before, or the log's own
  std::filesystem::path seen;         // empty: in BULKHEAD_HOME, by the log's path
  std::filesystem::path checkpoints;  // empty: none
  bool json = false;
};

// The exit status: kFailure when something is wrong with the log.
int RunAuditVerify(const AuditVerifyArguments& given, const Console& console);

}  // namespace bulkhead::cli
