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
#include "cli/gpu_apply.h"
#include "cli/gpu_defragment.h"
#include "cli/gpu_layouts.h"
#include "cli/gpu_owners.h"
#include "cli/gpu_plan.h"
#include "cli/gpu_usage_plan.h"
#include "cli/model_sizing.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kModelBytesMax = (std::size_t{1} << 31) - 1;  // where protobuf ends
constexpr std::size_t kConfigBytesMax = std::size_t{1} << 20;

constexpr const char* kAbout =
    "GPUs and how they are cut: what there is, what would be, and with apply what is to be. The "
    "other\n"
    "commands change nothing.";

constexpr const char* kManual =
    "GPUs are those of the node that runs here, or where none does those of this machine, or with\n"
    "--sim those that are only simulated, which every output says. Only a node says who has what.\n"
    "\n"
    "SIMULATED GPUS\n"
    "  --sim a100x4,t4x2    four A100 of 40 GB and two T4, all empty; also a100-80, a30, h100,\n"
    "                       h100-94, h200, b200, rtxpro6000, l4\n"
    "  --sim file=PATH      those of an inventory that the program capture-gpu wrote\n\n"
    "EXAMPLES\n"
    "  bulkhead gpu list --sim a100x2\n"
    "  bulkhead gpu plan --sim a100x2,t4 --want 3g.20gb:2 --want yolo11n.onnx:5\n"
    "  bulkhead gpu plan --from-usage --days 7\n"
    "  bulkhead gpu plan --defragment --want 4g.20gb\n"
    "  bulkhead gpu import config.yaml --config all-balanced --sim a100\n"
    "  bulkhead gpu export > now.yaml\n"
    "  bulkhead gpu apply config.yaml --config all-balanced --yes\n\n"
    "EXIT STATUS\n"
    "  0  done, and all that was wanted found room\n"
    "  1  something found no room, a file cannot be read, a GPU refused, or there is none here\n"
    "  2  the command line is wrong";

constexpr const char* kApplyAbout =
    "Cuts GPUs as a plan says. Shows what it would make (+), give up (-) and keep, and does it "
    "with\n"
    "--yes. FILE is a configuration of mig-parted, or what `gpu plan --want` or `gpu import` "
    "wrote\n"
    "with --json; --want plans and applies at once.\n\n"
    "Where a node runs, it makes the changes beside its workers. Where none does, this command "
    "holds\n"
    "its state folder meanwhile, in whose journal every change is written before it is done. Made\n"
    "instances wait for a deployment of their profile. What others made, and what is in use, is\n"
    "never touched: a plan that needs it is refused and nothing is changed. MIG mode stays as it "
    "is.\n"
    "With --sim file=PATH the simulated GPUs of that file are changed, and the file with them.";

struct ListArguments {
  GpuArguments gpu;
  std::string svg;
  std::string admin;
};
struct PlanArguments {
  GpuArguments gpu;
  std::vector<std::string> wishes;
  bool from_usage = false;
  bool defragment = false;
  planner::Disruption limits;
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

base::Status List(const ListArguments& given, const OpenGpus& open, const Console& console) {
  BH_ASSIGN(GpuInventory inventory, ReadInventoryOf(given.gpu, open));
  AskForOwners({given.admin, false}, inventory);
  json document = json::array();
  std::string text;
  std::vector<report::DrawnGpu> drawings;
  for (std::size_t i = 0; i < inventory.gpus.size(); ++i) {
    document.push_back(GpuJson(inventory, i));
    drawings.push_back(DrawingOf(inventory, i, PresentInstances(inventory, i)));
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

// The exit status; kSuccess: `wishes` has them all.
int ReadWishes(const std::vector<std::string>& texts, std::string_view command,
               const Console& console, std::vector<Wish>& wishes) {
  for (const std::string& text : texts) {
    std::optional<Wish> wish = ParseWish(text);
    if (!wish) {
      const base::Error error =
          base::OperatorError(base::Code::kInvalid, "wanted as often as a number says: 3g.20gb:2");
      (void)Fail(console, command, text, error);
      return kUsage;
    }
    if (base::Status sized = SizeModel(*wish); !sized.ok()) {
      return Fail(console, command, wish->what, sized.error());
    }
    wishes.push_back(*std::move(wish));
  }
  return kSuccess;
}

// Where no GPU is known, and none was asked for, the advice is told without places.
int PlanUse(const PlanArguments& given, const OpenGpus& open, const Console& console) {
  const AdminArguments admin{given.admin, given.gpu.json};
  const auto answer = CallAdmin(admin, "GET", fmt::format("/admin/use?days={}", given.days));
  if (!answer.ok()) return Fail(console, "gpu plan", "", answer.error());
  const auto advice = ReadUseAdvice(answer.value());
  if (!advice.ok()) return Fail(console, "gpu plan", "", advice.error());
  const auto inventory = ReadInventoryOf(given.gpu, open);
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

int Defragment(const PlanArguments& given, GpuInventory inventory, const std::vector<Wish>& wishes,
               const Console& console) {
  AskForOwners({given.admin, false}, inventory);
  const auto plan = PlanDefragment(
      inventory, wishes.empty() ? std::nullopt : std::optional(wishes.front()), given.limits);
  if (!plan.ok()) return Fail(console, "gpu plan", "", plan.error());
  Print(console, given.gpu.json, DefragmentJson(inventory, plan.value()),
        DefragmentText(inventory, plan.value()));
  return wishes.empty() || plan.value().moves.spot ? kSuccess : kFailure;
}

int Plan(const PlanArguments& given, const OpenGpus& open, const Console& console) {
  const bool fits = given.defragment ? given.wishes.size() <= 1 && !given.from_usage
                                     : given.from_usage == given.wishes.empty();
  if (!fits) {
    const base::Error error = base::OperatorError(
        base::Code::kInvalid,
        "either --want WHAT[:COUNT], --from-usage, or --defragment with one --want at most; see "
        "--help");
    (void)Fail(console, "gpu plan", "", error);
    return kUsage;
  }
  if (given.from_usage) return PlanUse(given, open, console);
  std::vector<Wish> wishes;
  const int read = ReadWishes(given.wishes, "gpu plan", console, wishes);
  if (read != kSuccess) return read;
  const auto inventory = ReadInventoryOf(given.gpu, open);
  if (!inventory.ok()) return Fail(console, "gpu plan", "", inventory.error());
  if (given.defragment) return Defragment(given, inventory.value(), wishes, console);
  const auto plan = PlanWishes(inventory.value(), wishes);
  if (!plan.ok()) return Fail(console, "gpu plan", "", plan.error());
  Print(console, given.gpu.json, PlanJson(inventory.value(), plan.value()),
        PlanText(inventory.value(), plan.value()));
  return plan.value().refused.empty() ? kSuccess : kFailure;
}

struct ApplyOptions {
  GpuArguments gpu;
  ApplyArguments apply;
  std::vector<std::string> wishes;
};

int Apply(const ApplyOptions& given, const OpenGpus& open, const Console& console) {
  if (given.apply.file.empty() == given.wishes.empty()) {
    (void)Fail(console, "gpu apply", "",
               base::OperatorError(base::Code::kInvalid,
                                   "either FILE or --want WHAT[:COUNT]; see --help"));
    return kUsage;
  }
  ApplyArguments apply = given.apply;
  apply.gpu = given.gpu;
  const int read = ReadWishes(given.wishes, "gpu apply", console, apply.wishes);
  return read == kSuccess ? RunGpuApply(apply, open, console) : read;
}

base::Status Import(const LayoutArguments& given, const OpenGpus& open, const Console& console) {
  BH_ASSIGN(const auto bytes, base::ReadFile(given.file, kConfigBytesMax));
  BH_ASSIGN(const GpuInventory inventory, ReadInventoryOf(given.gpu, open));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  BH_ASSIGN(const LayoutImport import, ImportLayouts(inventory, text, given.config));
  Print(console, given.gpu.json, ImportJson(inventory, import), ImportText(inventory, import));
  return base::Ok();
}

base::Status Export(const LayoutArguments& given, const OpenGpus& open, const Console& console) {
  BH_ASSIGN(const GpuInventory inventory, ReadInventoryOf(given.gpu, open));
  BH_ASSIGN(const std::string text, ExportLayouts(inventory, given.config));
  *console.out << text;
  return base::Ok();
}

void AddWhere(CLI::App& command, GpuArguments& arguments) {
  command.add_option("--sim", arguments.simulated, "simulated GPUs instead of this machine's")
      ->type_name("SPEC");
  command
      .add_option("--node", arguments.node,
                  "control socket of the node that is asked [node.sock in BULKHEAD_HOME]")
      ->type_name("PATH");
}

void AddAdmin(CLI::App& command, std::string& socket) {
  command
      .add_option("--admin", socket,
                  "the gateway's admin socket [gateway/admin.sock in BULKHEAD_HOME]")
      ->type_name("PATH");
}

void AddWants(CLI::App& command, std::vector<std::string>& wishes) {
  command
      .add_option("--want", wishes,
                  "a profile, gpu, or a model, and how many: 3g.20gb:2, yolo11n.onnx")
      ->type_name("WHAT[:COUNT]");
}

void AddPlanOptions(CLI::App& command, PlanArguments& arguments) {
  AddWants(command, arguments.wishes);
  command.add_flag("--from-usage", arguments.from_usage,
                   "what deployments used says what is wanted; places are on --sim, or on this "
                   "machine's GPUs where it has any");
  command.add_flag("--defragment", arguments.defragment,
                   "the moves of deployments, step by step, that would make room for --want, or "
                   "for more of anything; nothing moves by it");
  const auto limit = [&command](const char* name, int& value, const char* about) {
    command.add_option(name, value, about)
        ->check(CLI::Range(1, 10'000).description(""))
        ->capture_default_str()
        ->type_name("N");
  };
  limit("--moves-max", arguments.limits.moves_max, "moves that --defragment may plan");
  limit("--units-max", arguments.limits.units_max, "units of all that moves, together");
  limit("--at-once", arguments.limits.at_once, "moves under way together");
  command.add_option("--days", arguments.days, "of use that are looked at")
      ->check(CLI::Range(1, 30).description(""))
      ->capture_default_str()
      ->type_name("N");
  AddAdmin(command, arguments.admin);
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

void AddApplyOptions(CLI::App& command, ApplyOptions& given) {
  command.add_option("FILE", given.apply.file, "a file of mig-parted, or a plan as JSON");
  command.add_option("--config", given.apply.config, "which of its configurations");
  AddWants(command, given.wishes);
  command.add_flag("--yes", given.apply.confirmed, "change it; without this it is only shown");
  command
      .add_option("--state-dir", given.apply.state,
                  "where no node runs: the node's state folder [node in BULKHEAD_HOME]")
      ->type_name("DIR");
  AddAdmin(command, given.apply.admin);
}

int Told(const Console& console, const char* command, const std::string& subject,
         const base::Status& done) {
  return done.ok() ? kSuccess : Fail(console, command, subject, done.error());
}

}  // namespace

void AddGpuCommand(CLI::App& program, const OpenGpus& open, const Console& console,
                   int& exit_status) {
  CLI::App& gpu = *program.add_subcommand("gpu", kAbout);
  gpu.require_subcommand(1);
  gpu.footer(kManual);
  const auto add_json = [](CLI::App& command, GpuArguments& arguments) {
    command.add_flag("--json", arguments.json, "print JSON instead of text");
  };
  const auto [list, list_arguments] = Add<ListArguments>(
      gpu, "list",
      "Draws every GPU: its units, the instances on them with who has each, and what is free.",
      exit_status, [&](const ListArguments& given) {
        return Told(console, "gpu list", "", List(given, open, console));
      });
  add_json(*list, list_arguments->gpu);
  list->add_option("--svg", list_arguments->svg, "write the drawing as SVG as well")
      ->type_name("FILE");

  AddAdmin(*list, list_arguments->admin);

  const auto [apply, apply_options] =
      Add<ApplyOptions>(gpu, "apply", kApplyAbout, exit_status,
                        [&](const ApplyOptions& given) { return Apply(given, open, console); });
  add_json(*apply, apply_options->gpu);
  AddApplyOptions(*apply, *apply_options);

  const auto [plan, plan_arguments] = Add<PlanArguments>(
      gpu, "plan",
      "Says where instances would go beside what is there, on the fewest GPUs; or what the "
      "running\n"
      "gateway advises by what deployments used, with the numbers, and where that would lead.",
      exit_status, [&](const PlanArguments& given) { return Plan(given, open, console); });
  add_json(*plan, plan_arguments->gpu);
  AddPlanOptions(*plan, *plan_arguments);

  const auto [import, import_arguments] = Add<LayoutArguments>(
      gpu, "import", "Places a configuration of mig-parted and says what would change.",
      exit_status, [&](const LayoutArguments& given) {
        return Told(console, "gpu import", given.file, Import(given, open, console));
      });
  add_json(*import, import_arguments->gpu);
  import->add_option("FILE", import_arguments->file, "a file of mig-parted")->required();
  import->add_option("--config", import_arguments->config, "which of its configurations");

  const auto [exported, export_arguments] = Add<LayoutArguments>(
      gpu, "export", "Writes what is there as a configuration of mig-parted, which has no places.",
      exit_status, [&](const LayoutArguments& given) {
        return Told(console, "gpu export", "", Export(given, open, console));
      });
  export_arguments->config = "bulkhead";
  exported->add_option("--name", export_arguments->config, "what the configuration is called")
      ->capture_default_str();
}

}  // namespace bulkhead::cli
