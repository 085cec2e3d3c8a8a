// SPDX-License-Identifier: Apache-2.0
// Everything that one gateway is made of, in the order in which it depends on each other.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "async/blocking_thread.h"
#include "async/turn.h"
#include "base/result.h"
#include "fleet/fleet.h"
#include "fleet/node_link.h"
#include "gateway/accounts.h"
#include "gateway/audit_trail.h"
#include "gateway/auto_resize.h"
#include "gateway/control.h"
#include "gateway/denials.h"
#include "gateway/front.h"
#include "gateway/inference.h"
#include "gateway/metering.h"
#include "gateway/metrics_route.h"
#include "gateway/run_gateway.h"
#include "gateway/statistics.h"
#include "gateway/tracing.h"
#include "gateway/use_feed.h"
#include "http/server.h"
#include "http/tls_identity.h"
#include "rpc/server.h"
#include "store/model_files.h"

namespace bulkhead::gateway {

// What is opened before anything runs.
struct GatewayFoundations {
  std::unique_ptr<boost::asio::io_context> io;
  std::unique_ptr<Metering> metering;
  std::unique_ptr<AuditTrail> audit;
  std::unique_ptr<store::ModelFiles> model_files;
  Pepper pepper;
  std::string process_tag;  // in request ids
};

// Of its thread, which becomes the I/O thread.
class GatewayProcess {
 public:
  GatewayProcess(const GatewayParts& parts, const GatewayOptions& options,
                 GatewayFoundations foundations);
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;
  ~GatewayProcess();

  // As RunGateway.
  base::Status Run(int stop);

 private:
  [[nodiscard]] http::ServerOptions ServerOptions() const;
  [[nodiscard]] http::ServerOptions AdminOptions() const;
  [[nodiscard]] fleet::FleetParts PartsOfFleet();
  [[nodiscard]] RouteParts PartsOfRoutes();
  [[nodiscard]] MetricsParts PartsOfMetrics();
  [[nodiscard]] ControlParts PartsOfControl();
  [[nodiscard]] UseFeedParts PartsOfUse();
  [[nodiscard]] http::Handlers AdminRoutes();
  [[nodiscard]] bool Ready() const;

  async::Task<base::Status> TellUnusedModels();
  async::Task<void> Start();
  base::Status Listen();
  base::Result<uint16_t> ListenGrpc();
  async::Task<void> WatchSignals(int stop);
  void HearSignal(uint32_t signal);
  async::Task<void> Housekeep();
  async::Task<void> Resize();
  async::Task<void> SignAudit();
  async::Task<void> ReloadCertificate();
  void Stop();
  void End();
  void Hear(fleet::NodeEvent event);
  async::Task<base::Status> IndexUsageNow();
  async::Task<base::Status> SeedMonths();
  async::Task<base::Status> WriteUse();
  // Once for as long as it stays the same.
  void Complain(const base::Status& status, const std::string& what);

  const GatewayParts& parts_;
  const GatewayOptions& options_;
  GatewayFoundations foundations_;
  Statistics statistics_;
  Tracer tracer_;
  Accounts accounts_;
  Denials denials_;
  async::Turn model_turn_;
  async::BlockingThread blocking_;
  async::BlockingThread sealing_thread_;
  async::SharedThread large_json_;
  std::unique_ptr<fleet::NodeLink> node_;
  fleet::Fleet fleet_;
  UseFeed use_;
  Control control_;
  std::optional<AutoResize> auto_resize_;
  Inference inference_;
  Front front_;
  RouteParts api_parts_;  // of gRPC
  http::Server http_;
  http::Server metrics_;
  http::Server admin_;
  std::unique_ptr<rpc::Server> grpc_;
  std::shared_ptr<http::TlsIdentity> tls_;
  base::Status ended_ = base::Ok();
  std::map<std::string, std::string> complaints_;  // what is wrong now, by subject
  int servers_running_ = 0;
  bool node_up_ = false;
  bool stopping_ = false;
};

}  // namespace bulkhead::gateway
