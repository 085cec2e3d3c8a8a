// SPDX-License-Identifier: Apache-2.0
#include "node/run_node.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "node/control_socket.h"

namespace bulkhead::node {
namespace {

base::Status SweepLeftovers(const SupervisorParts& parts) {
  BH_ASSIGN(const std::vector<std::string> names, parts.isolation.Sweep());
  for (const std::string& name : names) {
    parts.log(fmt::format("{}: removed what an earlier node left of it", name));
  }
  return base::Ok();
}

struct LayersFound {
  std::string reached;
  std::string missing;           // and required
  std::string missing_optional;  // lines, as `missing`
};

LayersFound FindLayers(const SupervisorParts& parts, const isolation::LayerSet& optional) {
  LayersFound found;
  for (const isolation::LayerState& state : parts.isolation.Probe()) {
    const std::string_view name = isolation::LayerName(state.layer);
    if (state.works) {
      found.reached += fmt::format("{}{}", found.reached.empty() ? "" : ", ", name);
    } else {
      std::string& lines = optional.Has(state.layer) ? found.missing_optional : found.missing;
      lines += fmt::format("\n  {}: {}", name, state.reason);
    }
  }
  return found;
}

// What launches may do without from now on.
base::Result<isolation::LayerSet> CheckLayers(const SupervisorParts& parts,
                                              const SupervisorOptions& options) {
  const isolation::LayerSet& optional = options.rules.optional_layers;
  const LayersFound found = FindLayers(parts, optional);
  parts.log("layers of isolation that workers get: " + found.reached);
  if (!found.missing_optional.empty()) {
    parts.log("missing, and optional by the policy in force:" + found.missing_optional);
  }
  if (found.missing.empty()) return optional;
  if (options.allow_weak_isolation) {
    parts.log("WEAK ISOLATION, as --allow-weak-isolation says; missing below the policy in force:" +
              found.missing);
    return isolation::LayerSet::All();
  }
  return base::OperatorError(
      base::Code::kUnavailable,
      "required layers of isolation do not work here:" + found.missing +
          "\nMake them work (docs/image.md says how in a container), name them in "
          "--optional-layers to do without, or start with whatever there is by "
          "--allow-weak-isolation");
}

}  // namespace

base::Status RunNode(const std::filesystem::path& socket, const SupervisorParts& parts,
                     const SupervisorOptions& options, int stop) {
  BH_TRY(SweepLeftovers(parts));
  SupervisorOptions checked = options;
  BH_ASSIGN(checked.rules.optional_layers, CheckLayers(parts, options));
  BH_ASSIGN(base::UniqueFd listener, ListenForControl(socket));
  parts.log("serving " + socket.string());
  base::Status served = Supervise(std::move(listener), parts, checked, stop);
  ::unlink(socket.c_str());
  return served;
}

}  // namespace bulkhead::node
