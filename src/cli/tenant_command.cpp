// SPDX-License-Identifier: Apache-2.0
#include "cli/tenant_command.h"

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

struct TenantArguments {
  AdminArguments admin;
  std::string name;
  std::optional<uint64_t> frames_per_second;
  std::optional<uint64_t> bytes_per_second;
  std::optional<uint64_t> frames_per_month;
  std::optional<uint64_t> requests_in_flight;
  std::optional<uint64_t> deployments;
  std::vector<std::string> no_limit;
  std::vector<std::string> tiers;
};

struct ListArguments {
  AdminArguments admin;
};

std::string TargetOf(const std::string& name) { return "/admin/tenants/" + Segment(name); }

std::string LimitsText(const json& quota) {
  std::string text;
  for (const auto& [name, limit] : quota.items()) {
    if (limit.is_null() || name == "burst_seconds") continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, limit.dump());
  }
  return text.empty() ? "none" : text;
}

std::vector<std::string> TenantRow(const json& tenant) {
  std::string tiers;
  for (const json& tier : tenant["policy"]["tiers"]) {
    tiers += (tiers.empty() ? "" : ",") + tier.get<std::string>();
  }
  return {CellText(tenant["name"]), tenant["suspended"].get<bool>() ? "suspended" : "active", tiers,
          TimeText(tenant["created_unix_ms"]), LimitsText(tenant["quota"])};
}

std::string TenantsTable(const std::vector<json>& tenants) {
  std::vector<std::vector<std::string>> rows;
  for (const json& tenant : tenants) rows.push_back(TenantRow(tenant));
  return Table({"TENANT", "STATE", "TIERS", "CREATED (UTC)", "LIMITS"}, rows);
}

json QuotaOf(const TenantArguments& arguments) {
  json quota = json::object();
  const auto set = [&](const char* name, const std::optional<uint64_t>& limit) {
    if (limit) quota[name] = *limit;
  };
  set("frames_per_second", arguments.frames_per_second);
  set("bytes_per_second", arguments.bytes_per_second);
  set("frames_per_month", arguments.frames_per_month);
  set("requests_in_flight", arguments.requests_in_flight);
  set("deployments", arguments.deployments);
  for (const std::string& name : arguments.no_limit) quota[name] = nullptr;
  return quota;
}

json ChangeOf(const TenantArguments& arguments) {
  json body = json::object();
  if (json quota = QuotaOf(arguments); !quota.empty()) body["quota"] = std::move(quota);
  if (!arguments.tiers.empty()) body["policy"] = {{"tiers", arguments.tiers}};
  return body;
}

void AddLimits(CLI::App& command, TenantArguments& arguments) {
  const auto limit = [&](const char* name, std::optional<uint64_t>& target, const char* about) {
    command.add_option(name, target, about)->type_name("N")->group("Limits");
  };
  limit("--frames-per-second", arguments.frames_per_second, "rate of frames");
  limit("--bytes-per-second", arguments.bytes_per_second, "rate of request bodies");
  limit("--frames-per-month", arguments.frames_per_month, "in a calendar month (UTC), exactly");
  limit("--requests-in-flight", arguments.requests_in_flight, "at once");
  limit("--deployments", arguments.deployments, "that run at once");
  command
      .add_option("--tiers", arguments.tiers,
                  "isolation its models may run in: hard, dedicated, cpu, soft "
                  "[hard,dedicated,cpu]")
      ->delimiter(',')
      ->type_name("A,B,...")
      ->group("Policy");
}

void AddName(CLI::App& command, std::string& name) {
  command.add_option("tenant", name, "its name: 1 to 40 of a-z, 0-9 and -")
      ->required()
      ->type_name("TENANT");
}

// A subcommand that does one thing to one tenant.
std::shared_ptr<TenantArguments> AddOne(CLI::App& parent, CLI::App*& command, const char* name,
                                        const char* about, const Console& console, int& exit_status,
                                        const char* method,
                                        std::function<json(const TenantArguments&)> body) {
  auto arguments = AddAdminCommand<TenantArguments>(
      parent, command, name, about, exit_status,
      [&console, label = std::string("tenant ") + name, method,
       body = std::move(body)](const TenantArguments& given) {
        const bool create = std::string_view(method) == "POST";
        json document = body(given);
        if (create) document["name"] = given.name;
        const std::string target = create ? "/admin/tenants" : TargetOf(given.name);
        const auto answer = document.is_null() ? CallAdmin(given.admin, method, target)
                                               : CallAdmin(given.admin, method, target, document);
        return ReportAdmin(given.admin, console, label, answer, [&](const json& tenant) {
          return tenant.empty() ? "deleted " + given.name + "\n" : TenantsTable({tenant});
        });
      });
  AddName(*command, arguments->name);
  return arguments;
}

}  // namespace

void AddTenantCommand(CLI::App& program, const Console& console, int& exit_status) {
  CLI::App& tenant = *program.add_subcommand("tenant", "Creates, shows and changes tenants.");
  tenant.require_subcommand(1);
  CLI::App* command = nullptr;
  const auto none = [](const TenantArguments&) { return json(nullptr); };
  auto created = AddOne(tenant, command, "create", "Creates a tenant.", console, exit_status,
                        "POST", ChangeOf);
  AddLimits(*command, *created);
  auto changed = AddOne(tenant, command, "set", "Changes a tenant's limits or policy.", console,
                        exit_status, "PATCH", ChangeOf);
  AddLimits(*command, *changed);
  command
      ->add_option("--no-limit", changed->no_limit, "limits to take away: frames_per_second, ...")
      ->delimiter(',')
      ->type_name("A,B,...")
      ->group("Limits");
  AddOne(tenant, command, "show", "Shows a tenant.", console, exit_status, "GET", none);
  AddOne(tenant, command, "suspend", "Stops a tenant: its keys are refused and its workers end.",
         console, exit_status, "PATCH",
         [](const TenantArguments&) { return json{{"suspended", true}}; });
  AddOne(tenant, command, "resume", "Lets a suspended tenant go on.", console, exit_status, "PATCH",
         [](const TenantArguments&) { return json{{"suspended", false}}; });
  AddOne(tenant, command, "delete",
         "Deletes a tenant, its keys, models and deployments. What it used stays on record.",
         console, exit_status, "DELETE", none);
  AddAdminCommand<ListArguments>(
      tenant, command, "list", "Lists tenants.", exit_status,
      [&console](const ListArguments& given) {
        return ReportAdmin(given.admin, console, "tenant list",
                           CallAdmin(given.admin, "GET", "/admin/tenants"), [](const json& answer) {
                             return TenantsTable(answer["tenants"].get<std::vector<json>>());
                           });
      });
}

}  // namespace bulkhead::cli
