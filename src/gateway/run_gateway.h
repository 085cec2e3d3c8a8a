// SPDX-License-Identifier: Apache-2.0
// A gateway from its start to its clean end.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advice/automatic.h"
#include "base/result.h"
#include "fleet/fleet.h"
#include "http/address.h"
#include "http/limits.h"
#include "store/store.h"
#include "telemetry/http_place.h"
#include "telemetry/otlp_options.h"

namespace bulkhead::gateway {

struct TlsFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct GatewayOptions {
  std::string version;
  std::filesystem::path state_folder;  // pepper, ledger/, models/, audit/; the caller's alone
  std::filesystem::path node_socket;
  std::filesystem::path admin_socket;
  http::Address http{"", 8000};
  std::optional<http::Address> grpc = http::Address{"", 8001};
  http::Address metrics{"127.0.0.1", 8002};
  std::optional<TlsFiles> tls;  // of http and grpc
  http::Limits limits;
  fleet::FleetRules fleet;
  std::chrono::nanoseconds request_time_max = std::chrono::seconds(60);
  std::chrono::nanoseconds drain_time = std::chrono::seconds(30);
  std::optional<telemetry::OtlpOptions> traces;        // none: nothing is traced
  std::vector<telemetry::HttpPlace> dcgm;              // exporters to ask what GPUs do
  std::optional<advice::AutomaticLimits> auto_resize;  // none: advice is only told
  std::filesystem::path audit_copy;                    // where checkpoints go too; empty: nowhere
  std::chrono::seconds audit_checkpoint{60};           // how often the audit log is signed
};

struct GatewayParts {
  store::Store& store;
  std::function<void(std::string_view)> log;  // a line for the operator; any thread
  // Once, when requests are accepted: the ports that were taken where 0 was asked for.
  std::function<void(uint16_t http, uint16_t grpc, uint16_t metrics)> listening;
};

// Serves until `stop` (a signalfd) is readable: then readiness drops, no more connections are
// taken, and what runs is answered within drain_time. A second signal ends it at once. SIGHUP reads
// the certificate again. Blocks; its thread becomes the I/O thread.
//
// kConflict: another gateway holds the state folder. kCorrupt: the ledger or the audit log; nothing
// was changed. kDenied: the audit log was signed with another key.
// Otherwise errors of the store, and of listening.
base::Status RunGateway(const GatewayParts& parts, const GatewayOptions& options, int stop);

}  // namespace bulkhead::gateway
