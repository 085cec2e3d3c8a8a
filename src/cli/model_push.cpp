// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/read_file.h"
#include "cli/admin_command.h"
#include "cli/deploy_command.h"
#include "cli/table.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kModelBytesMax = (std::size_t{1} << 31) - 1;  // what the gateway takes

struct ModelArguments {
  AdminArguments admin;
  std::string tenant;
  std::string model;
  std::string file;
  std::optional<uint32_t> version;
};

std::string ModelsTarget(const ModelArguments& given) {
  return "/admin/tenants/" + Segment(given.tenant) + "/models";
}

std::string VersionsTable(const std::vector<json>& versions) {
  std::vector<std::vector<std::string>> rows;
  for (const json& version : versions) {
    rows.push_back({CellText(version["model"]), CellText(version["version"]),
                    CellText(version["bytes"]), TimeText(version["created_unix_ms"]),
                    CellText(version["sha256"]).substr(0, 12)});
  }
  return Table({"MODEL", "VERSION", "BYTES", "PUSHED (UTC)", "SHA-256"}, rows);
}

int Push(const ModelArguments& given, const Console& console) {
  const auto file = base::ReadFile(given.file, kModelBytesMax);
  if (!file.ok()) {
    PrintError(console, "model push", given.file, file.error());
    return kFailure;
  }
  const std::string target = ModelsTarget(given) + "/" + Segment(given.model) + "/versions";
  return ReportAdmin(given.admin, console, "model push",
                     UploadAdmin(given.admin, target, file.value()), [](const json& version) {
                       return fmt::format("{} version {}, {} bytes\n", CellText(version["model"]),
                                          CellText(version["version"]), CellText(version["bytes"]));
                     });
}

int List(const ModelArguments& given, const Console& console) {
  return ReportAdmin(
      given.admin, console, "model list", CallAdmin(given.admin, "GET", ModelsTarget(given)),
      [](const json& answer) { return VersionsTable(answer["models"].get<std::vector<json>>()); });
}

int Delete(const ModelArguments& given, const Console& console) {
  std::string target = ModelsTarget(given) + "/" + Segment(given.model);
  if (given.version) target += fmt::format("/versions/{}", *given.version);
  return ReportAdmin(given.admin, console, "model delete", CallAdmin(given.admin, "DELETE", target),
                     [&](const json&) { return "deleted " + given.model + "\n"; });
}

}  // namespace

void AddModelAdminCommands(CLI::App& program, const Console& console, int& exit_status) {
  CLI::App& model = *program.get_subcommand("model");
  CLI::App* command = nullptr;
  const auto add = [&](const char* name, const char* about,
                       int (*run)(const ModelArguments&, const Console&)) {
    const auto arguments = AddAdminCommand<ModelArguments>(
        model, command, name, about, exit_status,
        [run, &console](const ModelArguments& given) { return run(given, console); });
    command->add_option("--tenant", arguments->tenant, "whose")->required()->type_name("TENANT");
    return arguments;
  };
  const auto name = [&](ModelArguments& arguments) {
    command->add_option("model", arguments.model, "its name in URLs: a-z, 0-9, '.', '_' and '-'")
        ->required()
        ->type_name("MODEL");
  };
  const auto pushed = add(
      "push",
      "Uploads an ONNX file, which is sealed on arrival, or one that `model seal` made, as the\n"
      "next version of a model; nothing runs yet.",
      Push);
  name(*pushed);
  command->add_option("file", pushed->file, "an ONNX file as exported, or a sealed one")
      ->required()
      ->type_name("FILE");
  add("list", "Lists a tenant's models and their versions.", List);
  const auto deleted =
      add("delete", "Deletes a model, or one version, that is not deployed.", Delete);
  name(*deleted);
  command->add_option("--version", deleted->version, "only this one")->type_name("N");
}

}  // namespace bulkhead::cli
