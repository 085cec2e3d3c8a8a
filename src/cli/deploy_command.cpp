// SPDX-License-Identifier: Apache-2.0
#include "cli/deploy_command.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/admin_command.h"
#include "cli/table.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

struct DeployArguments {
  AdminArguments admin;
  std::string tenant;
  std::string model;
  std::optional<uint32_t> version;
  std::string profile = "auto";
  uint32_t replicas = 1;
  bool no_wait = false;
};

struct PsArguments {
  AdminArguments admin;
};

std::string Target(const DeployArguments& given) {
  return "/admin/tenants/" + Segment(given.tenant) + "/deployments/" + Segment(given.model);
}

int Deploy(const DeployArguments& given, const Console& console) {
  json body{{"profile", given.profile}, {"replicas", given.replicas}, {"wait", !given.no_wait}};
  if (given.version) body["version"] = *given.version;
  return ReportAdmin(given.admin, console, "deploy",
                     CallAdmin(given.admin, "PUT", Target(given), body), [](const json& deployed) {
                       const bool simulated = deployed.value("simulated", false);
                       return fmt::format(
                           "{} version {} on {}{}: {}\n", CellText(deployed["model"]),
                           CellText(deployed["version"]), CellText(deployed["profile"]),
                           simulated ? " (simulated, runs on cores)" : "",
                           CellText(deployed["phase"]));
                     });
}

int Undeploy(const DeployArguments& given, const Console& console) {
  return ReportAdmin(given.admin, console, "undeploy",
                     CallAdmin(given.admin, "DELETE", Target(given)),
                     [&](const json&) { return "undeployed " + given.model + "\n"; });
}

// "3g.20gb at 4 (simulated)"
std::string PartitionText(const json& worker) {
  std::string text = CellText(worker["profile"]);
  if (worker.contains("start") && !worker["start"].is_null()) {
    text += " at " + CellText(worker["start"]);
  }
  if (worker.value("simulated", false)) text += " (simulated)";
  return text;
}

std::string WorkersTable(const std::vector<json>& workers) {
  std::vector<std::vector<std::string>> rows;
  for (const json& worker : workers) {
    rows.push_back(
        {CellText(worker["tenant"]), CellText(worker["model"]), CellText(worker["version"]),
         CellText(worker["phase"]), PartitionText(worker), CellText(worker["tier"]),
         std::to_string(worker["layers"].size()), CellText(worker["frames"]),
         fmt::format("{:.1f}", worker["p50_ms"].get<double>()),
         fmt::format("{:.1f}", worker["p99_ms"].get<double>()), CellText(worker["starts"])});
  }
  return Table({"TENANT", "MODEL", "VERSION", "PHASE", "PARTITION", "TIER", "LAYERS", "FRAMES",
                "P50 MS", "P99 MS", "STARTS"},
               rows);
}

void AddWhich(CLI::App& command, DeployArguments& arguments) {
  command.add_option("model", arguments.model, "its name, as it was pushed")
      ->required()
      ->type_name("MODEL");
  command.add_option("--tenant", arguments.tenant, "whose")->required()->type_name("TENANT");
}

}  // namespace

void AddDeployCommands(CLI::App& program, const Console& console, int& exit_status) {
  CLI::App* command = nullptr;
  const auto deployed = AddAdminCommand<DeployArguments>(
      program, command, "deploy",
      "Runs a model version in compartments. Another version that runs goes on until the new one\n"
      "is ready; one that fails leaves it serving.",
      exit_status, [&console](const DeployArguments& given) { return Deploy(given, console); });
  AddWhich(*command, *deployed);
  command->add_option("--version", deployed->version, "which [the newest]")->type_name("N");
  command
      ->add_option(
          "--profile", deployed->profile,
          "size of each partition: cpu:2c4g is two cores and 4 GiB, 1g.5gb an instance of a GPU, "
          "gpu "
          "a whole one; auto: by the model's size what it needs of the first kind of GPU, and on "
          "cores one and 1 GiB for n, two and 2 for s, two and 3 and up for larger ones")
      ->type_name("auto|PROFILE")
      ->capture_default_str();
  command->add_option("--replicas", deployed->replicas, "compartments")
      ->check(CLI::Range(uint32_t{1}, uint32_t{1024}).description(""))
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--no-wait", deployed->no_wait, "do not wait until it serves");
  const auto undeployed = AddAdminCommand<DeployArguments>(
      program, command, "undeploy",
      "Ends a model's compartments, when they have answered what they have.", exit_status,
      [&console](const DeployArguments& given) { return Undeploy(given, console); });
  AddWhich(*command, *undeployed);
  AddAdminCommand<PsArguments>(
      program, command, "ps",
      "Lists compartments: whose, what, where, how isolated, how fast. p50 and p99 are upper "
      "bounds\n"
      "from a histogram, of all requests since the gateway started.",
      exit_status, [&console](const PsArguments& given) {
        return ReportAdmin(given.admin, console, "ps",
                           CallAdmin(given.admin, "GET", "/admin/workers"), [](const json& answer) {
                             return WorkersTable(answer["workers"].get<std::vector<json>>());
                           });
      });
}

}  // namespace bulkhead::cli
