// SPDX-License-Identifier: Apache-2.0
#include "cli/seal_command.h"

#include <ostream>
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

constexpr const char* kAbout =
    "Turns over, takes away and destroys the key that a tenant's models are sealed under.";

constexpr const char* kManual =
    "Each tenant has one key, with the node's key provider (bulkhead-node --keys), which its "
    "first\n"
    "push makes. Models lie sealed under it; a worker gets its model unsealed, at each start.\n\n"
    "EXIT STATUS\n"
    "  0  done\n"
    "  1  not done, or not all of it; the line says why\n"
    "  2  the command line is wrong";

struct SealArguments {
  AdminArguments admin;
  std::string tenant;
  bool yes = false;
};

std::string SealTable(const json& seal) {
  const json& versions = seal["versions"];
  std::string of = "-";
  if (versions.is_object()) {
    of = fmt::format("{}-{}", versions["oldest"].dump(), versions["newest"].dump());
  }
  return Table({"TENANT ID", "KEY", "STATE", "VERSIONS", "SEALED MODELS"},
               {{CellText(seal["tenant_id"]), CellText(seal["key"]), CellText(seal["state"]), of,
                 CellText(seal["sealed_models"])}});
}

int Ask(const SealArguments& given, const Console& console, const std::string& word) {
  const std::string target = "/admin/tenants/" + Segment(given.tenant) + "/seal";
  const auto answer = word == "show" ? CallAdmin(given.admin, "GET", target)
                                     : CallAdmin(given.admin, "POST", target + "/" + word);
  return ReportAdmin(given.admin, console, "seal " + word, answer, SealTable);
}

int Shred(const SealArguments& given, const Console& console) {
  if (given.yes) return Ask(given, console, "shred");
  *console.err << "bulkhead seal shred: this destroys the key of " << given.tenant
               << " for good: its workers end, and no copy of its models, backups included, can\n"
                  "be read by anybody ever again. With --yes it is done.\n";
  return kUsage;
}

}  // namespace

void AddSealCommand(CLI::App& program, const Console& console, int& exit_status) {
  CLI::App& seal = *program.add_subcommand("seal", kAbout);
  seal.require_subcommand(1);
  seal.footer(kManual);
  CLI::App* command = nullptr;
  const auto add = [&](const char* name, const char* about,
                       std::function<int(const SealArguments&)> run) {
    auto arguments =
        AddAdminCommand<SealArguments>(seal, command, name, about, exit_status, std::move(run));
    command->add_option("tenant", arguments->tenant, "its name, or the id of one that was deleted")
        ->required()
        ->type_name("TENANT");
    return arguments;
  };
  const auto asks = [&](const char* name, const char* about) {
    add(name, about, [&console, word = std::string(name)](const SealArguments& given) {
      return Ask(given, console, word);
    });
  };
  asks("show", "Shows a tenant's key: where it is, its versions, whether it is revoked.");
  asks("rotate",
       "Makes a new version of the key, puts every model's data key under it, and ends the old\n"
       "versions: older copies of the sealed files can be read no more. Workers go on.");
  asks("revoke",
       "Ends the tenant's workers, and unseals nothing of it on this node until `seal restore`.\n"
       "The key itself stays with its provider.");
  asks("restore", "Lets a tenant whose key was revoked go on.");
  const auto shredded =
      add("shred",
          "Destroys the key for good: workers end, and no copy of the tenant's models, backups\n"
          "included, can ever be read again. What the provider's own backups are worth, its\n"
          "documentation says (docs/sealing.md).",
          [&console](const SealArguments& given) { return Shred(given, console); });
  command->add_flag("--yes", shredded->yes, "do it; without, only what it would do is said");
}

}  // namespace bulkhead::cli
