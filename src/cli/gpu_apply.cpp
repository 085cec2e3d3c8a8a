// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_apply.h"

#include <ostream>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/read_file.h"
#include "cli/gpu_changes.h"
#include "cli/gpu_owners.h"
#include "cli/terminal_text.h"

namespace bulkhead::cli {
namespace {

using base::Code;
using base::OperatorError;
using nlohmann::json;

constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;

base::Result<LayoutImport> FromFile(const ApplyArguments& given, const GpuInventory& inventory) {
  BH_ASSIGN(const auto bytes, base::ReadFile(given.file, kFileBytesMax));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const json document = json::parse(text, nullptr, false);
  if (document.is_object()) return ReadPlan(inventory, document);
  return ImportLayouts(inventory, text, given.config);
}

base::Result<LayoutImport> FromWishes(const ApplyArguments& given, const GpuInventory& inventory) {
  BH_ASSIGN(const GpuPlan plan, PlanWishes(inventory, given.wishes));
  LayoutImport import = ImportOf(inventory, plan);
  for (const auto& [what, why] : plan.refused) {
    import.obstacles.push_back("no room for " + what + ": " + why);
  }
  return import;
}

json ChangesJson(const std::vector<InstanceChange>& changes) {
  json all = json::array();
  for (const InstanceChange& one : changes) {
    all.push_back({{"change", one.make ? "make" : "remove"},
                   {"uuid", one.device_id},
                   {"profile", one.profile},
                   {"start", one.start}});
  }
  return all;
}

// What is to be done, and how far it came.
struct Application {
  std::vector<std::string> obstacles;
  std::vector<InstanceChange> changes;
  std::size_t done = 0;
  base::Status status = base::Ok();
};

void Run(const ChangeableGpus& gpus, const Console& console, Application& application) {
  for (const InstanceChange& change : application.changes) {
    application.status = gpus.change(change);
    if (!application.status.ok()) return;
    ++application.done;
    *console.err << "done: " << ChangeText(gpus.inventory, change) << '\n';
  }
}

std::string EndText(const ApplyArguments& given, const Application& application) {
  if (!application.obstacles.empty()) return "nothing is changed\n";
  if (application.changes.empty()) return "nothing to change\n";
  if (!given.confirmed) {
    return fmt::format("nothing is changed yet: --yes makes these {} changes\n",
                       application.changes.size());
  }
  return fmt::format("{} of {} changes are made\n", application.done, application.changes.size());
}

void Print(const ApplyArguments& given, const ChangeableGpus& gpus, const LayoutImport& import,
           const Application& application, const Console& console) {
  if (given.gpu.json) {
    json document = ImportJson(gpus.inventory, import);
    document["through"] = gpus.inventory.through;
    document["obstacles"] = application.obstacles;
    document["changes"] = ChangesJson(application.changes);
    document["done"] = application.done;
    *console.out << document.dump(2) << '\n';
    return;
  }
  *console.out << EndText(given, application);
}

void PrintDiff(const ChangeableGpus& gpus, LayoutImport import, const Application& application,
               const Console& console) {
  *console.out << "of " << EscapeForTerminal(gpus.inventory.through) << ":\n";
  import.obstacles = application.obstacles;
  for (std::string& one : import.obstacles) one = EscapeForTerminal(one);
  *console.out << ImportText(gpus.inventory, import);
}

}  // namespace

int RunGpuApply(const ApplyArguments& given, const OpenGpus& open, const Console& console) {
  const auto fail = [&](const std::string& subject, const base::Error& error) {
    PrintError(console, "gpu apply", subject, error);
    return kFailure;
  };
  auto gpus = OpenChangeable(given.gpu, given.state, open);
  if (!gpus.ok()) return fail("", gpus.error());
  AskForOwners({given.admin, false}, gpus.value().inventory);
  const auto import = given.file.empty() ? FromWishes(given, gpus.value().inventory)
                                         : FromFile(given, gpus.value().inventory);
  if (!import.ok()) return fail(given.file, import.error());
  Application application;
  application.obstacles = Obstacles(gpus.value().inventory, import.value());
  application.changes = ChangesOf(gpus.value().inventory, import.value());
  if (!given.gpu.json) PrintDiff(gpus.value(), import.value(), application, console);
  if (application.obstacles.empty() && given.confirmed) Run(gpus.value(), console, application);
  Print(given, gpus.value(), import.value(), application, console);
  if (!application.status.ok()) {
    const InstanceChange& failed = application.changes[application.done];
    return fail(ChangeText(gpus.value().inventory, failed), application.status.error());
  }
  return application.obstacles.empty() ? kSuccess : kFailure;
}

}  // namespace bulkhead::cli
