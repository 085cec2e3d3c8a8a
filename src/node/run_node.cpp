// SPDX-License-Identifier: Apache-2.0
#include "node/run_node.h"

#include <string>
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

base::Status CheckLayers(const SupervisorParts& parts, const isolation::LayerSet& optional) {
  std::string missing;
  for (const isolation::LayerState& state : parts.isolation.Probe()) {
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

}  // namespace

base::Status RunNode(const std::filesystem::path& socket, const SupervisorParts& parts,
                     const SupervisorOptions& options, int stop) {
  BH_TRY(SweepLeftovers(parts));
  BH_TRY(CheckLayers(parts, options.rules.optional_layers));
  BH_ASSIGN(base::UniqueFd listener, ListenForControl(socket));
  parts.log("serving " + socket.string());
  base::Status served = Supervise(std::move(listener), parts, options, stop);
  ::unlink(socket.c_str());
  return served;
}

}  // namespace bulkhead::node
