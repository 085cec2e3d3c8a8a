// SPDX-License-Identifier: Apache-2.0
#include "cli/model_command.h"

#include <memory>
#include <ostream>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/read_file.h"
#include "cli/model_inspect.h"
#include "cli/model_overrides.h"
#include "cli/model_sizing.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kModelBytesMax = (std::size_t{1} << 31) - 1;  // where protobuf ends

constexpr const char* kInspectAbout =
    "Says what a model is and what it needs, from its file alone; nothing is run.\n\n"
    "Prints family, task, classes, input, parameters, GFLOPs, weights, the estimated peak memory "
    "per\n"
    "batch, and the smallest GPU partition that holds it on each kind of GPU, with the reason.";

constexpr const char* kInspectManual =
    "EXAMPLES\n"
    "  bulkhead model inspect yolo11n.onnx\n"
    "  bulkhead model inspect yolo11n.onnx --json | jq .gflops\n\n"
    "EXIT STATUS\n"
    "  0  the model was read\n"
    "  1  the file is not a YOLO model that Bulkhead serves; the line says why\n"
    "  2  the command line is wrong";

struct InspectArguments {
  std::string model;
  yolo::SpecOverrides overrides;
  bool json = false;
};

base::Result<model::ModelCard> ReadCard(const InspectArguments& arguments) {
  BH_ASSIGN(const auto file, base::ReadFile(arguments.model, kModelBytesMax));
  return model::ReadModelCard(file, arguments.overrides);
}

int RunInspect(const InspectArguments& arguments, const Console& console) {
  const base::Result<model::ModelCard> card = ReadCard(arguments);
  if (!card.ok()) {
    PrintError(console, "model inspect", arguments.model, card.error());
    return kFailure;
  }
  const auto recommendations = planner::RecommendProfiles(SizingOf(card.value()));
  if (arguments.json) {
    *console.out << CardJson(card.value(), recommendations)
                        .dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
                 << '\n';
  } else {
    *console.out << RenderCardTable(card.value(), recommendations);
  }
  return kSuccess;
}

}  // namespace

void AddModelCommand(CLI::App& program, const Console& console, int& exit_status) {
  CLI::App& model = *program.add_subcommand("model", "Works with model files.");
  model.require_subcommand(1);
  CLI::App& inspect = *model.add_subcommand("inspect", kInspectAbout);
  const auto arguments = std::make_shared<InspectArguments>();
  inspect.add_option("model", arguments->model, "an ONNX file as exported")
      ->required()
      ->type_name("MODEL.onnx");
  inspect.add_flag("--json", arguments->json, "print JSON instead of a table");
  AddModelOverrides(inspect, arguments->overrides);
  inspect.footer(kInspectManual);
  inspect.callback(
      [arguments, &console, &exit_status] { exit_status = RunInspect(*arguments, console); });
}

}  // namespace bulkhead::cli
