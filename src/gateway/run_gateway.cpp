// SPDX-License-Identifier: Apache-2.0
#include "gateway/run_gateway.h"

#include <csignal>
#include <memory>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/monotonic_clock.h"
#include "base/random_bytes.h"
#include "base/unix_clock.h"
#include "gateway/admin_routes.h"
#include "gateway/blocking_thread.h"
#include "gateway/control.h"
#include "gateway/front.h"
#include "gateway/http_server.h"
#include "gateway/inference.h"
#include "gateway/loading.h"
#include "gateway/metering.h"
#include "gateway/metrics_route.h"
#include "gateway/node_link.h"
#include "gateway/pepper.h"
#include "gateway/statistics.h"
#include "gateway/tls_identity.h"
#include "gateway/usage_index.h"
#include "store/model_files.h"

namespace bulkhead::gateway {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFollowEvery{250};
constexpr int kIndexEvery = 4;      // times kFollowEvery
constexpr int kFlushEvery = 4 * 15;

// Everything that one gateway is made of, in the order in which it depends on each other.
class Gateway {
 public:
  Gateway(const GatewayParts& parts, const GatewayOptions& options, const Pepper& pepper,
          std::unique_ptr<Metering> metering, std::unique_ptr<boost::asio::io_context> io,
          store::ModelFiles files, std::string tag)
      : parts_(parts),
        options_(options),
        io_(std::move(io)),
        files_(std::move(files)),
        metering_(std::move(metering)),
        accounts_(pepper),
        fleet_({*io_, [this](auto tenant, auto model,
                             auto version) { return control_.OpenModel(tenant, model, version); },
                [this](NodeCommand command) { node_->Send(std::move(command)); }, parts.log},
               options.fleet),
        control_({parts.store, files_, blocking_, accounts_,
                  [this](const std::vector<DesiredDeployment>& desired) { fleet_.Set(desired); },
                  parts.log}),
        inference_({accounts_, fleet_, *metering_, statistics_, options.request_time_max}),
        front_({*io_, accounts_, fleet_, inference_, statistics_, options.version,
                [this] { return Ready(); },
                [this](Caller caller, tenant::ModelName model, bool load) {
                  return SetLoaded(control_, fleet_, *io_, std::move(caller), std::move(model),
                                   load);
                }},
               std::move(tag)),
        http_(*io_, front_.Handlers(), ServerOptions()),
        metrics_(*io_, MetricsHandlers({accounts_, fleet_, *metering_, statistics_, http_}),
                 ServerOptions()),
        admin_(*io_,
               AdminHandlers({*io_, control_, accounts_, fleet_, statistics_, *metering_, files_,
                              blocking_, parts.store, options.state_folder / "ledger",
                              pepper}),
               AdminOptions()) {}

  base::Status Run(int stop);

 private:
  [[nodiscard]] HttpServerOptions ServerOptions() const {
    HttpServerOptions server;
    server.limits = options_.limits;
    server.unix_seconds = [] { return base::UnixNowMs() / 1000; };
    return server;
  }
  [[nodiscard]] HttpServerOptions AdminOptions() const {
    HttpServerOptions server = ServerOptions();
    server.limits.body_bytes_max = kModelBytesMax;
    server.limits.bodies_bytes_max = 2 * kModelBytesMax;
    return server;
  }
  [[nodiscard]] bool Ready() const { return node_up_ && !stopping_ && metering_->usable(); }

  base::Status Listen();
  Task<void> Start(base::Status& started);
  Task<void> Housekeep();
  Task<void> WatchSignals(int stop);
  void Stop();
  void Hear(NodeEvent event);
  Task<base::Status> IndexOnce();
  Task<base::Status> SeedMonths();
  void Complain(const base::Status& status, std::string_view what) {
    if (!status.ok()) parts_.log(fmt::format("{}: {}", what, status.error().detail));
  }

  const GatewayParts& parts_;
  const GatewayOptions& options_;
  std::unique_ptr<boost::asio::io_context> io_;
  store::ModelFiles files_;
  std::unique_ptr<Metering> metering_;
  Statistics statistics_;
  Accounts accounts_;
  BlockingThread blocking_;
  std::unique_ptr<NodeLink> node_;
  Fleet fleet_;
  Control control_;
  Inference inference_;
  Front front_;
  HttpServer http_;
  HttpServer metrics_;
  HttpServer admin_;
  std::shared_ptr<TlsIdentity> tls_;
  bool node_up_ = false;
  bool stopping_ = false;
};

}  // namespace
}  // namespace bulkhead::gateway
