// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/unix_clock.h"
#include "cli/admin_command.h"
#include "cli/table.h"
#include "cli/tenant_command.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

struct KeyArguments {
  AdminArguments admin;
  std::string tenant;
  std::string id;
  std::string label;
  std::string scopes = "infer,read";
  std::optional<int64_t> expires_days;
  int64_t overlap_hours = 24;
};

constexpr int64_t kDayMs = 86'400'000;

std::string KeysTable(const std::vector<json>& keys) {
  std::vector<std::vector<std::string>> rows;
  for (const json& key : keys) {
    rows.push_back({CellText(key["id"]), CellText(key["scopes"]), TimeText(key["expires_unix_ms"]),
                    TimeText(key["last_used_unix_ms"]), CellText(key["label"])});
  }
  return Table({"KEY ID", "SCOPES", "EXPIRES (UTC)", "LAST USED (UTC)", "LABEL"}, rows);
}

std::string NewKeyText(const json& key) {
  return fmt::format("{}\nThis key is shown once and kept nowhere.\n", CellText(key["key"]));
}

int Create(const KeyArguments& given, const Console& console) {
  json body{{"label", given.label}, {"scopes", given.scopes}};
  if (given.expires_days)
    body["expires_unix_ms"] = base::UnixNowMs() + *given.expires_days * kDayMs;
  const std::string target = "/admin/tenants/" + Segment(given.tenant) + "/keys";
  return ReportAdmin(given.admin, console, "key create",
                     CallAdmin(given.admin, "POST", target, body), NewKeyText);
}

int List(const KeyArguments& given, const Console& console) {
  const std::string target = "/admin/tenants/" + Segment(given.tenant) + "/keys";
  return ReportAdmin(
      given.admin, console, "key list", CallAdmin(given.admin, "GET", target),
      [](const json& answer) { return KeysTable(answer["keys"].get<std::vector<json>>()); });
}

int Revoke(const KeyArguments& given, const Console& console) {
  return ReportAdmin(given.admin, console, "key revoke",
                     CallAdmin(given.admin, "DELETE", "/admin/keys/" + Segment(given.id)),
                     [&](const json&) { return "revoked " + given.id + "\n"; });
}

int Rotate(const KeyArguments& given, const Console& console) {
  const json body{{"overlap_seconds", given.overlap_hours * 3600}};
  const std::string target = "/admin/keys/" + Segment(given.id) + "/rotate";
  return ReportAdmin(given.admin, console, "key rotate",
                     CallAdmin(given.admin, "POST", target, body), NewKeyText);
}

void AddTenantOption(CLI::App& command, KeyArguments& arguments) {
  command.add_option("--tenant", arguments.tenant, "whose")->required()->type_name("TENANT");
}

void AddId(CLI::App& command, KeyArguments& arguments) {
  command.add_option("id", arguments.id, "its id, as key list has it")
      ->required()
      ->type_name("KEY-ID");
}

}  // namespace

void AddKeyCommand(CLI::App& program, const Console& console, int& exit_status) {
  CLI::App& key = *program.add_subcommand("key", "Creates, lists and revokes API keys.");
  key.require_subcommand(1);
  CLI::App* command = nullptr;
  const auto add = [&](const char* name, const char* about,
                       int (*run)(const KeyArguments&, const Console&)) {
    return AddAdminCommand<KeyArguments>(
        key, command, name, about, exit_status,
        [run, &console](const KeyArguments& given) { return run(given, console); });
  };
  const auto created = add("create", "Creates a key and prints it, once.", Create);
  AddTenantOption(*command, *created);
  command->add_option("--label", created->label, "for people: who uses it")->type_name("TEXT");
  command->add_option("--scopes", created->scopes, "what it may do: infer, read, manage")
      ->type_name("A,B,...")
      ->capture_default_str();
  command->add_option("--expires-days", created->expires_days, "until when; without, for good")
      ->check(CLI::Range(int64_t{1}, int64_t{36'500}).description(""))
      ->type_name("DAYS");
  const auto listed = add("list", "Lists a tenant's keys, without their secrets.", List);
  AddTenantOption(*command, *listed);
  const auto revoked = add("revoke", "Ends a key at once.", Revoke);
  AddId(*command, *revoked);
  const auto rotated = add(
      "rotate", "Makes a new key with the same rights; the old one goes on for a while.", Rotate);
  AddId(*command, *rotated);
  command->add_option("--overlap-hours", rotated->overlap_hours, "how long the old one goes on")
      ->check(CLI::Range(int64_t{0}, int64_t{24 * 90}).description(""))
      ->type_name("HOURS")
      ->capture_default_str();
}

}  // namespace bulkhead::cli
