// SPDX-License-Identifier: Apache-2.0
// Node and gateway on this machine, as one thing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/console.h"

namespace bulkhead::cli {

struct ServeArguments {
  std::filesystem::path home;
  std::vector<std::string> node;     // further arguments of bulkhead-node
  std::vector<std::string> gateway;  // further arguments of bulkhead-gateway
};

// Starts both programs (those beside this one) and waits. SIGTERM or SIGINT ends the gateway, then
// the node; a second one kills both. When one of them ends by itself, so does the other: exit
// status 1. Neither outlives this process, whatever ends it. As the first process of a container it
// also waits for the processes that others leave behind.
int RunServe(const ServeArguments& arguments, const Console& console);

}  // namespace bulkhead::cli
