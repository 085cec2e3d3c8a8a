// SPDX-License-Identifier: Apache-2.0
#include "node/run_node.h"

#include <string>
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

base::Status CheckLayers(const SupervisorParts& parts, const isolation::LayerSet& optional,
                         const std::vector<isolation::LayerState>& layers) {
  std::string missing;
  for (const isolation::LayerState& state : layers) {
    if (state.works) continue;
    const std::string line = fmt::format("{}: {}", isolation::LayerName(state.layer), state.reason);
    if (optional.Has(state.layer)) {
      parts.log("a layer of isolation is missing, and optional: " + line);
    } else {
      missing += "\n  " + line;
    }
  }
  if (missing.empty()) return base::Ok();
  return base::OperatorError(
      base::Code::kUnavailable,
      "required layers of isolation do not work here:" + missing +
          "\nMake them work, or name them in --optional-layers to do without");
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
  BH_TRY(CheckLayers(parts, options.rules.optional_layers, layers));
  BH_ASSIGN(base::UniqueFd listener, ListenForControl(socket));
  parts.log("serving " + socket.string());
  base::Status served = Supervise(std::move(listener), parts, options, stop);
  ::unlink(socket.c_str());
  parts.audit.after(NodeStops(served));
  return served;
}

}  // namespace bulkhead::node
