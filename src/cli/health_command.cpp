// SPDX-License-Identifier: Apache-2.0
#include "cli/health_command.h"

#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/admin_command.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

constexpr const char* kAbout =
    "Says whether the gateway of this machine is ready to serve: what a container asks as its "
    "health\n"
    "check, without a port or a key.";

constexpr const char* kManual =
    "EXIT STATUS\n"
    "  0  it is ready\n"
    "  1  it is not, or nobody answers";

struct HealthArguments {
  AdminArguments admin;
};

int Health(const HealthArguments& given, const Console& console) {
  const auto answer = CallAdmin(given.admin, "GET", "/admin/health");
  const bool ready = answer.ok() && answer.value().is_object() &&
                     answer.value().value("ready", json()) == json(true);
  const int status = ReportAdmin(given.admin, console, "health", answer, [ready](const json&) {
    return ready ? "ready\n" : "not ready\n";
  });
  return status == kSuccess && !ready ? kFailure : status;
}

}  // namespace

void AddHealthCommand(CLI::App& program, const Console& console, int& exit_status) {
  CLI::App* command = nullptr;
  AddAdminCommand<HealthArguments>(
      program, command, "health", kAbout, exit_status,
      [&console](const HealthArguments& given) { return Health(given, console); });
  command->footer(kManual);
}

}  // namespace bulkhead::cli
