// SPDX-License-Identifier: Apache-2.0
// How commands over the admin API are declared.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <CLI/App.hpp>

#include "cli/admin_call.h"
#include "cli/console.h"

namespace bulkhead::cli {

// Adds --admin and --json.
void AddAdminOptions(CLI::App& command, AdminArguments& arguments);

// A subcommand with arguments of its own, which begin with an AdminArguments named `admin`. `run`
// is called while the command line is parsed and gives the exit status.
template <typename Arguments>
std::shared_ptr<Arguments> AddAdminCommand(CLI::App& parent, CLI::App*& command,
                                           const std::string& name, const std::string& about,
                                           int& exit_status,
                                           std::function<int(const Arguments&)> run) {
  command = parent.add_subcommand(name, about);
  auto arguments = std::make_shared<Arguments>();
  AddAdminOptions(*command, arguments->admin);
  command->callback(
      [arguments, run = std::move(run), &exit_status] { exit_status = run(*arguments); });
  return arguments;
}

}  // namespace bulkhead::cli
