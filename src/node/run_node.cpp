// SPDX-License-Identifier: Apache-2.0
#include "node/run_node.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "node/audit_events.h"
#include "node/control_socket.h"

namespace bulkhead::node {
namespace {

base::Status SweepLeftovers(const SupervisorParts& parts) {
  BH_ASSIGN(const std::vector<std::string> names, parts.isolation.Sweep());
  for (const std::string& name : names) {
    parts.log(fmt::format("{}: removed what an earlier node left of it", name));
    parts.audit.after(SweptAway(name));
  }
  return base::Ok();
}

struct LayersFound {
  std::string reached;
  std::string missing;           // and required
  std::string missing_optional;  // lines, as `missing`
};

LayersFound FindLayers(const std::vector<isolation::LayerState>& layers,
                       const isolation::LayerSet& optional) {
  LayersFound found;
  for (const isolation::LayerState& state : layers) {
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
                                              const SupervisorOptions& options,
                                              const std::vector<isolation::LayerState>& layers) {
  const isolation::LayerSet& optional = options.rules.optional_layers;
  const LayersFound found = FindLayers(layers, optional);
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

base::Status RecordStart(const SupervisorParts& parts, const std::string& program,
                         std::vector<isolation::LayerState> layers) {
  NodeAtStart start{program, std::move(layers), {}};
  for (device::DeviceBackend* backend : {&parts.devices.cores, parts.devices.gpus}) {
    if (backend == nullptr) continue;
    const auto listed = backend->List();
    if (!listed.ok()) continue;
    for (const device::Device& device : listed.value()) {
      start.devices.push_back(device.name + " " + device.id);
    }
    for (const audit::Event& event : Adopted(listed.value())) parts.audit.after(event);
  }
  return parts.audit.ahead(NodeStarts(start));
}

}  // namespace

base::Status RunNode(const std::filesystem::path& socket, const SupervisorParts& parts,
                     const SupervisorOptions& options, int stop) {
  BH_TRY(SweepLeftovers(parts));
  const std::vector<isolation::LayerState> layers = parts.isolation.Probe();
  BH_TRY(RecordStart(parts, options.program, layers));
  SupervisorOptions checked = options;
  BH_ASSIGN(checked.rules.optional_layers, CheckLayers(parts, options, layers));
  BH_ASSIGN(base::UniqueFd listener, ListenForControl(socket));
  parts.log("serving " + socket.string());
  base::Status served = Supervise(std::move(listener), parts, checked, stop);
  ::unlink(socket.c_str());
  parts.audit.after(NodeStops(served));
  return served;
}

}  // namespace bulkhead::node
