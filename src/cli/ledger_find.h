// SPDX-License-Identifier: Apache-2.0
// The records behind receipts that tenants name.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/console.h"

namespace bulkhead::cli {

struct FindArguments {
  std::filesystem::path state;        // the gateway's state folder: ledger/ and pepper
  std::vector<std::string> receipts;  // "-": one per line of standard input
  bool json = false;
};

// Prints each record. The exit status: kFailure when a receipt has none.
int RunLedgerFind(const FindArguments& given, const Console& console);

}  // namespace bulkhead::cli
