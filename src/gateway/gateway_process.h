// SPDX-License-Identifier: Apache-2.0
// Everything that one gateway is made of, in the order in which it depends on each other.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "base/result.h"
#include "gateway/accounts.h"
#include "gateway/blocking_thread.h"
#include "gateway/control.h"
#include "gateway/fleet.h"
#include "gateway/front.h"
#include "gateway/grpc_server.h"
#include "gateway/http_server.h"
#include "gateway/inference.h"
#include "gateway/metering.h"
#include "gateway/metrics_route.h"
#include "gateway/node_link.h"
#include "gateway/run_gateway.h"
#include "gateway/statistics.h"
#include "gateway/tls_identity.h"
#include "gateway/tracing.h"
#include "store/model_files.h"

namespace bulkhead::gateway {

// What is opened before anything runs.
struct GatewayFoundations {
  std::unique_ptr<boost::asio::io_context> io;
  std::unique_ptr<Metering> metering;
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
  [[nodiscard]] HttpServerOptions ServerOptions() const;
  [[nodiscard]] HttpServerOptions AdminOptions() const;
  [[nodiscard]] FleetParts PartsOfFleet();
  [[nodiscard]] RouteParts PartsOfRoutes();
  [[nodiscard]] MetricsParts PartsOfMetrics();
  [[nodiscard]] ControlParts PartsOfControl();
  [[nodiscard]] HttpHandlers AdminRoutes();
  [[nodiscard]] bool Ready() const;

  Task<void> Start();
  base::Status Listen();
  base::Result<uint16_t> ListenGrpc();
  Task<void> WatchSignals(int stop);
  void HearSignal(uint32_t signal);
  Task<void> Housekeep();
  void Stop();
  void End();
  void Hear(NodeEvent event);
  Task<base::Status> IndexUsageNow();
  Task<base::Status> SeedMonths();
  // Once for as long as it stays the same.
  void Complain(const base::Status& status, const std::string& what);

  const GatewayParts& parts_;
  const GatewayOptions& options_;
  GatewayFoundations foundations_;
  Statistics statistics_;
  Tracer tracer_;
  Accounts accounts_;
  BlockingThread blocking_;
  std::unique_ptr<NodeLink> node_;
  Fleet fleet_;
  Control control_;
  Inference inference_;
  Front front_;
  RouteParts api_parts_;  // of gRPC
  HttpServer http_;
  HttpServer metrics_;
  HttpServer admin_;
  std::unique_ptr<GrpcServer> grpc_;
  std::shared_ptr<TlsIdentity> tls_;
  base::Status ended_ = base::Ok();
  std::map<std::string, std::string> complaints_;  // what is wrong now, by subject
  int servers_running_ = 0;
  bool node_up_ = false;
  bool stopping_ = false;
};

}  // namespace bulkhead::gateway
