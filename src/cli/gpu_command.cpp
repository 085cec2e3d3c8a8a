// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_command.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/read_file.h"
#include "base/write_file.h"
#include "cli/admin_command.h"
#include "cli/gpu_layouts.h"
#include "cli/gpu_plan.h"
#include "cli/gpu_usage_plan.h"
#include "cli/model_sizing.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kModelBytesMax = (std::size_t{1} << 31) - 1;  // where protobuf ends
constexpr std::size_t kConfigBytesMax = std::size_t{1} << 20;

constexpr const char* kAbout =
    "GPUs and how they are cut: what there is, and what would be. None of these commands changes "
    "a\n"
    "GPU.";

constexpr const char* kManual =
    "GPUs are those of this machine, or with --sim those that are only simulated, which every\n"
    "output says.\n\n"
    "SIMULATED GPUS\n"
    "  --sim a100x4,t4x2    four A100 of 40 GB and two T4, all empty; also a100-80, a30, h100,\n"
    "                       h100-94, h200, b200, rtxpro6000, l4\n"
    "  --sim file=PATH      those of an inventory that the program capture-gpu wrote\n\n"
    "EXAMPLES\n"
    "  bulkhead gpu list --sim a100x2\n"
    "  bulkhead gpu plan --sim a100x2,t4 --want 3g.20gb:2 --want yolo11n.onnx:5\n"
    "  bulkhead gpu plan --from-usage --days 7\n"
    "  bulkhead gpu import config.yaml --config all-balanced --sim a100\n"
    "  bulkhead gpu export > now.yaml\n\n"
    "EXIT STATUS\n"
    "  0  done, and all that was wanted found room\n"
    "  1  something found no room, a file cannot be read, or this machine has no GPU\n"
    "  2  the command line is wrong";

struct ListArguments {
  GpuArguments gpu;
  std::string svg;
};
struct PlanArguments {
  GpuArguments gpu;
  std::vector<std::string> wishes;
  bool from_usage = false;
  int days = 30;
  std::string admin;
};
struct LayoutArguments {
  GpuArguments gpu;
  std::string file;
  std::string config;
};

void Print(const Console& console, bool as_json, const json& document, const std::string& text) {
  *console.out << (as_json ? document.dump(2) + "\n" : text);
}

int Fail(const Console& console, std::string_view command, std::string_view subject,
         const base::Error& error) {
  PrintError(console, command, subject, error);
  return kFailure;
}

base::Status List(const ListArguments& given, const ReadGpus& read, const Console& console) {
  BH_ASSIGN(const GpuInventory inventory, ReadInventoryOf(given.gpu, read));
  json document = json::array();
  std::string text;
  std::vector<report::DrawnGpu> drawings;
  for (std::size_t i = 0; i < inventory.gpus.size(); ++i) {
    document.push_back(GpuJson(inventory, i));
    drawings.push_back(DrawingOf(inventory, i, PresentInstances(inventory.gpus[i])));
    text += report::DrawGpu(drawings.back()) + "\n";
  }
  if (!given.svg.empty()) {
    const std::string svg = report::DrawGpusAsSvg(drawings);
    BH_TRY(base::WriteFile(given.svg, std::as_bytes(std::span(svg))));
  }
  Print(console, given.gpu.json, document, text);
  return base::Ok();
}

// A wish for a model is one for the profiles that it is recommended.
base::Status SizeModel(Wish& wish) {
  if (!wish.what.ends_with(".onnx")) return base::Ok();
  BH_ASSIGN(const auto file, base::ReadFile(wish.what, kModelBytesMax));
  BH_ASSIGN(const model::ModelCard card, model::ReadModelCard(file, {}));
  for (const planner::Recommendation& one : planner::RecommendProfiles(SizingOf(card))) {
    if (!one.profile.empty()) wish.profiles[one.gpu] = one.profile;
  }
  return base::Ok();
}

// Where no GPU is known, and none was asked for, the advice is told without places.
int PlanUse(const PlanArguments& given, const ReadGpus& read, const Console& console) {
  const AdminArguments admin{given.admin, given.gpu.json};
  const auto answer = CallAdmin(admin, "GET", fmt::format("/admin/use?days={}", given.days));
  if (!answer.ok()) return Fail(console, "gpu plan", "", answer.error());
  const auto advice = ReadUseAdvice(answer.value());
  if (!advice.ok()) return Fail(console, "gpu plan", "", advice.error());
  const auto inventory = ReadInventoryOf(given.gpu, read);
  json document{{"days", given.days}, {"deployments", answer.value()["deployments"]}};
  std::string text = AdviceText(advice.value());
  if (!inventory.ok()) {
    if (!given.gpu.simulated.empty()) return Fail(console, "gpu plan", "", inventory.error());
    document["plan"] = nullptr;
    const std::string changes = ChangesText(advice.value());
    if (!changes.empty()) text += "\n" + changes;
    Print(console, given.gpu.json, document, text);
    return kSuccess;
  }
  const auto plan = PlanFromUse(inventory.value(), advice.value());
  if (!plan.ok()) return Fail(console, "gpu plan", "", plan.error());
  document["plan"] = UsePlanJson(inventory.value(), plan.value());
  const std::string changes = UsePlanText(inventory.value(), plan.value());
  if (!changes.empty()) text += "\n" + changes;
  Print(console, given.gpu.json, document, text);
  return plan.value().plan.refused.empty() ? kSuccess : kFailure;
}

int Plan(const PlanArguments& given, const ReadGpus& read, const Console& console) {
  if (given.from_usage == !given.wishes.empty()) {
    const base::Error error = base::OperatorError(
        base::Code::kInvalid, "either --want WHAT[:COUNT] or --from-usage; see --help");
    (void)Fail(console, "gpu plan", "", error);
    return kUsage;
  }
  if (given.from_usage) return PlanUse(given, read, console);
  std::vector<Wish> wishes;
  for (const std::string& text : given.wishes) {
    std::optional<Wish> wish = ParseWish(text);
    if (!wish) {
      const base::Error error =
          base::OperatorError(base::Code::kInvalid, "wanted as often as a number says: 3g.20gb:2");
      (void)Fail(console, "gpu plan", text, error);
      return kUsage;
    }
    if (base::Status sized = SizeModel(*wish); !sized.ok()) {
      return Fail(console, "gpu plan", wish->what, sized.error());
    }
    wishes.push_back(*std::move(wish));
  }
  const auto inventory = ReadInventoryOf(given.gpu, read);
  if (!inventory.ok()) return Fail(console, "gpu plan", "", inventory.error());
  const auto plan = PlanWishes(inventory.value(), wishes);
  if (!plan.ok()) return Fail(console, "gpu plan", "", plan.error());
  Print(console, given.gpu.json, PlanJson(inventory.value(), plan.value()),
        PlanText(inventory.value(), plan.value()));
  return plan.value().refused.empty() ? kSuccess : kFailure;
}

base::Status Import(const LayoutArguments& given, const ReadGpus& read, const Console& console) {
  BH_ASSIGN(const auto bytes, base::ReadFile(given.file, kConfigBytesMax));
  BH_ASSIGN(const GpuInventory inventory, ReadInventoryOf(given.gpu, read));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  BH_ASSIGN(const LayoutImport import, ImportLayouts(inventory, text, given.config));
  Print(console, given.gpu.json, ImportJson(inventory, import), ImportText(inventory, import));
  return base::Ok();
}

base::Status Export(const LayoutArguments& given, const ReadGpus& read, const Console& console) {
  BH_ASSIGN(const GpuInventory inventory, ReadInventoryOf(given.gpu, read));
  BH_ASSIGN(const std::string text, ExportLayouts(inventory, given.config));
  *console.out << text;
  return base::Ok();
}

void AddWhere(CLI::App& command, GpuArguments& arguments) {
  command.add_option("--sim", arguments.simulated, "simulated GPUs instead of this machine's")
      ->type_name("SPEC");
}

void AddPlanOptions(CLI::App& command, PlanArguments& arguments) {
  command
      .add_option("--want", arguments.wishes,
                  "a profile, gpu, or a model, and how many: 3g.20gb:2, yolo11n.onnx")
      ->type_name("WHAT[:COUNT]");
  command.add_flag("--from-usage", arguments.from_usage,
                   "what deployments used says what is wanted; places are on --sim, or on this "
                   "machine's GPUs where it has any");
  command.add_option("--days", arguments.days, "of use that are looked at")
      ->check(CLI::Range(1, 30).description(""))
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--admin", arguments.admin,
                  "the gateway's admin socket [gateway/admin.sock in BULKHEAD_HOME]")
      ->type_name("PATH");
}

// A subcommand whose arguments live as long as it does, and what it runs.
template <typename Arguments>
std::pair<CLI::App*, std::shared_ptr<Arguments>> Add(CLI::App& gpu, const char* name,
                                                     const char* about, int& exit_status,
                                                     std::function<int(const Arguments&)> run) {
  CLI::App* command = gpu.add_subcommand(name, about);
  auto arguments = std::make_shared<Arguments>();
  AddWhere(*command, arguments->gpu);
  command->callback([arguments, run, &exit_status] { exit_status = run(*arguments); });
  return {command, std::move(arguments)};
}

int Told(const Console& console, const char* command, const std::string& subject,
         const base::Status& done) {
  return done.ok() ? kSuccess : Fail(console, command, subject, done.error());
}

}  // namespace

void AddGpuCommand(CLI::App& program, const ReadGpus& read, const Console& console,
                   int& exit_status) {
  CLI::App& gpu = *program.add_subcommand("gpu", kAbout);
  gpu.require_subcommand(1);
  gpu.footer(kManual);
  const auto add_json = [](CLI::App& command, GpuArguments& arguments) {
    command.add_flag("--json", arguments.json, "print JSON instead of text");
  };
  const auto [list, list_arguments] = Add<ListArguments>(
      gpu, "list", "Draws every GPU: its units, the instances on them, and what is free.",
      exit_status, [&](const ListArguments& given) {
        return Told(console, "gpu list", "", List(given, read, console));
      });
  add_json(*list, list_arguments->gpu);
  list->add_option("--svg", list_arguments->svg, "write the drawing as SVG as well")
      ->type_name("FILE");

  const auto [plan, plan_arguments] = Add<PlanArguments>(
      gpu, "plan",
      "Says where instances would go beside what is there, on the fewest GPUs; or what the "
      "running\n"
      "gateway advises by what deployments used, with the numbers, and where that would lead.",
      exit_status, [&](const PlanArguments& given) { return Plan(given, read, console); });
  add_json(*plan, plan_arguments->gpu);
  AddPlanOptions(*plan, *plan_arguments);

  const auto [import, import_arguments] = Add<LayoutArguments>(
      gpu, "import", "Places a configuration of mig-parted and says what would change.",
      exit_status, [&](const LayoutArguments& given) {
        return Told(console, "gpu import", given.file, Import(given, read, console));
      });
  add_json(*import, import_arguments->gpu);
  import->add_option("FILE", import_arguments->file, "a file of mig-parted")->required();
  import->add_option("--config", import_arguments->config, "which of its configurations");

  const auto [exported, export_arguments] = Add<LayoutArguments>(
      gpu, "export", "Writes what is there as a configuration of mig-parted, which has no places.",
      exit_status, [&](const LayoutArguments& given) {
        return Told(console, "gpu export", "", Export(given, read, console));
      });
  export_arguments->config = "bulkhead";
  exported->add_option("--name", export_arguments->config, "what the configuration is called")
      ->capture_default_str();
}

}  // namespace bulkhead::cli
