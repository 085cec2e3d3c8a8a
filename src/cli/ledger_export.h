// SPDX-License-Identifier: Apache-2.0
// Usage as files for a receiver of usage events.
#pragma once

#include <string>

#include "cli/admin_call.h"
#include "cli/console.h"

namespace bulkhead::cli {

struct ExportArguments {
  AdminArguments admin;
  std::string folder;
  std::string format = "cloudevents";
  bool replay_old = false;
};

// Writes one file for each export that is to be given, and says so to the gateway when the file is
// durable. One that is interrupted is written again under the same name with the same bytes. The
// exit status.
int RunLedgerExport(const ExportArguments& given, const Console& console);

}  // namespace bulkhead::cli
