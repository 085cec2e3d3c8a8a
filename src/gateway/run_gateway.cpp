// SPDX-License-Identifier: Apache-2.0
#include "gateway/run_gateway.h"

#include <array>
#include <memory>
#include <utility>

#include "base/hex.h"
#include "base/random_bytes.h"
#include "gateway/audit_trail.h"
#include "gateway/gateway_process.h"
#include "gateway/pepper.h"

namespace bulkhead::gateway {
namespace {

// With what this gateway was started: isolation that may be missing, and what acts by itself.
audit::Event ConfigurationOf(const GatewayOptions& options) {
  audit::Event event;
  event.kind = audit::EventKind::kConfigChange;
  event.user_name = "start";
  event.object_name = "options";
  event.annotations[audit::Annotation::kVersion] = options.version;
  std::string layers;
  for (const isolation::Layer layer : options.fleet.optional_layers.List()) {
    layers += (layers.empty() ? "" : ",") + std::string(isolation::LayerName(layer));
  }
  event.annotations[audit::Annotation::kNewValue] =
      std::string(options.tls ? "tls" : "no tls") +
      (options.auto_resize ? ", auto-resize" : ", no auto-resize") +
      (layers.empty() ? ", every layer of isolation required" : ", optional layers: " + layers);
  return event;
}

}  // namespace

base::Status RunGateway(const GatewayParts& parts, const GatewayOptions& options, int stop) {
  auto io = std::make_unique<boost::asio::io_context>(1);
  std::array<std::byte, 8> tag{};
  BH_TRY(base::FillRandom(tag));
  BH_ASSIGN(const Pepper pepper, ReadOrMakePepper(options.state_folder / "pepper"));
  BH_ASSIGN(auto metering, Metering::Open(*io, options.state_folder / "ledger", pepper));
  const meter::Recovery& recovery = metering->ledger().recovery();
  if (recovery.torn_bytes > 0) {
    parts.log("the ledger ended in " + std::to_string(recovery.torn_bytes) +
              " bytes that were never acknowledged; they were cut off");
  }
  BH_ASSIGN(auto trail, AuditTrail::Open({*io, parts.log, options.state_folder, options.audit_copy,
                                          ConfigurationOf(options)}));
  BH_ASSIGN(auto files, store::ModelFiles::Open(options.state_folder / "models"));
  GatewayProcess process(parts, options,
                         {std::move(io), std::move(metering), std::move(trail), std::move(files),
                          pepper, base::Hex(tag)});
  return process.Run(stop);
}

}  // namespace bulkhead::gateway
