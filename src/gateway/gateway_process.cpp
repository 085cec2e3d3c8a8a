// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway_process.h"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/monotonic_clock.h"
#include "base/unix_clock.h"
#include "gateway/admin_routes.h"
#include "gateway/api_routes.h"
#include "gateway/loading.h"
#include "gateway/unused_models.h"
#include "gateway/usage_index.h"
#include "tenant/calendar.h"

namespace bulkhead::gateway {
namespace {

constexpr std::chrono::milliseconds kFollowEvery{250};
constexpr int kIndexEvery = 8;       // times kFollowEvery
constexpr int kFlushEvery = 4 * 15;  // the same; of uses of keys, and of counting what is served
constexpr std::chrono::minutes kResizeEvery{5};
constexpr int kUseEvery = 4 * 60;  // the same; of writing what was used

constexpr boost::asio::as_tuple_t<boost::asio::use_awaitable_t<async::IoExecutor>> kToken;

using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>,
                                                async::IoExecutor>;

std::shared_ptr<telemetry::OtlpExporter> OpenExporter(const GatewayParts& parts,
                                                      const GatewayOptions& options) {
  if (!options.traces) return nullptr;
  telemetry::OtlpOptions traces = *options.traces;
  traces.service_version = options.version;
  return std::make_shared<telemetry::OtlpExporter>(std::move(traces), parts.log);
}

}  // namespace

GatewayProcess::GatewayProcess(const GatewayParts& parts, const GatewayOptions& options,
                               GatewayFoundations foundations)
    : parts_(parts),
      options_(options),
      foundations_(std::move(foundations)),
      tracer_(OpenExporter(parts, options)),
      accounts_(foundations_.pepper),
      denials_(accounts_),
      fleet_(PartsOfFleet(), options.fleet),
      use_(PartsOfUse(), foundations_.process_tag),
      control_(PartsOfControl()),
      inference_(
          {accounts_, fleet_, *foundations_.metering, statistics_, options.request_time_max}),
      front_(PartsOfRoutes(), foundations_.process_tag),
      api_parts_(PartsOfRoutes()),
      http_(*foundations_.io, front_.Handlers(), ServerOptions()),
      metrics_(*foundations_.io, MetricsHandlers(PartsOfMetrics()), ServerOptions()),
      admin_(*foundations_.io, AdminRoutes(), AdminOptions()) {}

GatewayProcess::~GatewayProcess() = default;

http::ServerOptions GatewayProcess::ServerOptions() const {
  http::ServerOptions server;
  server.limits = options_.limits;
  server.unix_seconds = [] { return base::UnixNowMs() / 1000; };
  return server;
}

http::ServerOptions GatewayProcess::AdminOptions() const {
  http::ServerOptions server = ServerOptions();
  server.limits.body_bytes_max = kModelBytesMax;
  server.limits.bodies_bytes_max = 2 * kModelBytesMax;
  server.wipe_bodies = true;  // plain models
  return server;
}

fleet::FleetParts GatewayProcess::PartsOfFleet() {
  return {*foundations_.io,
          [this](tenant::TenantId tenant, tenant::ModelName model, tenant::Version version) {
            return control_.OpenModel(std::move(tenant), std::move(model), version);
          },
          [this](fleet::NodeCommand command) { node_->Send(std::move(command)); }, parts_.log};
}

ControlParts GatewayProcess::PartsOfControl() {
  return {parts_.store,
          *foundations_.model_files,
          blocking_,
          accounts_,
          [this](const std::vector<fleet::DesiredDeployment>& desired) { fleet_.Set(desired); },
          parts_.log};
}

UseFeedParts GatewayProcess::PartsOfUse() {
  return {*foundations_.io,           accounts_, fleet_,     statistics_,
          parts_.store.use_history(), blocking_, parts_.log, base::UnixNowMs};
}

RouteParts GatewayProcess::PartsOfRoutes() {
  return {*foundations_.io,
          accounts_,
          fleet_,
          inference_,
          statistics_,
          denials_,
          tracer_,
          large_json_,
          options_.version,
          [this] { return Ready(); },
          [this](Caller caller, tenant::ModelName model, bool load) {
            return SetLoadedOnRecord(*foundations_.audit, accounts_, control_, fleet_,
                                     *foundations_.io, std::move(caller), std::move(model), load);
          }};
}

MetricsParts GatewayProcess::PartsOfMetrics() {
  return {accounts_,
          fleet_,
          *foundations_.metering,
          statistics_,
          tracer_,
          use_,
          http_,
          options_.version,
          [this] { return node_up_; },
          [this] { return Ready(); }};
}

http::Handlers GatewayProcess::AdminRoutes() {
  return AdminHandlers({*foundations_.io,
                        control_,
                        accounts_,
                        fleet_,
                        statistics_,
                        *foundations_.metering,
                        *foundations_.audit,
                        *foundations_.model_files,
                        model_turn_,
                        {options_.node_socket, *foundations_.model_files},
                        sealing_thread_,
                        blocking_,
                        parts_.store,
                        foundations_.pepper,
                        [this] { return IndexUsageNow(); },
                        [this] { return WriteUse(); },
                        [this] { return Ready(); },
                        options_.state_folder / "ledger"});
}

bool GatewayProcess::Ready() const {
  return node_up_ && !stopping_ && foundations_.metering->usable();
}

void GatewayProcess::Complain(const base::Status& status, const std::string& what) {
  if (status.ok()) {
    if (complaints_.erase(what) > 0) parts_.log(what + ": works again");
    return;
  }
  std::string& said = complaints_[what];
  if (said == status.error().detail) return;
  said = status.error().detail;
  parts_.log(what + ": " + said);
}

void GatewayProcess::Hear(fleet::NodeEvent event) {
  if (std::holds_alternative<fleet::NodeUp>(event)) node_up_ = true;
  if (std::holds_alternative<fleet::NodeDown>(event)) node_up_ = false;
  fleet_.Hear(std::move(event));
}

async::Task<base::Status> GatewayProcess::IndexUsageNow() {
  meter::Ledger& ledger = foundations_.metering->ledger();
  std::function<base::Status()> index = [this, &ledger] {
    return IndexUsage(parts_.store, options_.state_folder / "ledger", ledger.id(),
                      ledger.position());
  };
  co_return co_await blocking_.Run<base::Status>(std::move(index));
}

async::Task<base::Status> GatewayProcess::SeedMonths() {
  base::Status indexed = co_await IndexUsageNow();
  if (!indexed.ok()) co_return indexed;
  const int64_t now_unix_ms = base::UnixNowMs();
  const int64_t begin_unix_ms = tenant::MonthOf(now_unix_ms).begin_unix_ms;
  std::function<base::Result<std::vector<store::UsageRow>>()> ask = [this, begin_unix_ms] {
    return parts_.store.Usage({std::nullopt, begin_unix_ms, INT64_MAX});
  };
  auto rows = co_await blocking_.Run<base::Result<std::vector<store::UsageRow>>>(std::move(ask));
  if (!rows.ok()) co_return std::move(rows).error();
  std::map<tenant::TenantId, uint64_t> used;
  std::map<tenant::TenantId, uint64_t> taken_back;
  for (const store::UsageRow& row : rows.value()) {
    if (row.outcome == meter::OutcomeName(meter::Outcome::kOk)) used[row.tenant] += row.frames;
    if (row.outcome == meter::OutcomeName(meter::Outcome::kUndelivered)) {
      taken_back[row.tenant] += row.frames;
    }
  }
  for (const auto& [id, frames] : used) {
    const auto admission = accounts_.directory().FindAdmission(id);
    if (admission == nullptr) continue;
    admission->SetUsedThisMonth(now_unix_ms, frames - std::min(frames, taken_back[id]));
  }
  co_return base::Ok();
}

async::Task<base::Status> GatewayProcess::WriteUse() {
  use_.Count();
  co_return co_await use_.Write();
}

base::Status GatewayProcess::Listen() {
  http::TcpListen http{options_.http.host, options_.http.port, nullptr};
  if (options_.tls) {
    BH_ASSIGN(tls_, http::TlsIdentity::Open(options_.tls->certificate, options_.tls->key));
    http.tls = tls_;
  }
  BH_TRY(admin_.Listen(http::UnixListen{options_.admin_socket, ::geteuid()}));
  BH_ASSIGN(const uint16_t metrics, metrics_.Listen(http::TcpListen{
                                        options_.metrics.host, options_.metrics.port, nullptr}));
  BH_ASSIGN(const uint16_t http_port, http_.Listen(http));
  BH_ASSIGN(const uint16_t grpc, ListenGrpc());
  parts_.listening(http_port, grpc, metrics);
  return base::Ok();
}

base::Result<uint16_t> GatewayProcess::ListenGrpc() {
  if (!options_.grpc) return uint16_t{0};
  rpc::ListenOptions listen;
  const std::string& host = options_.grpc->host;
  const bool ipv6 = host.empty() || host.find(':') != std::string::npos;
  listen.address = fmt::format(fmt::runtime(ipv6 ? "[{}]:{}" : "{}:{}"), host.empty() ? "::" : host,
                               options_.grpc->port);
  if (options_.tls) listen.tls = rpc::TlsFiles{options_.tls->certificate, options_.tls->key};
  BH_ASSIGN(grpc_, rpc::Server::Start(listen, MakeInferenceApi(*foundations_.io, api_parts_)));
  return grpc_->port();
}

async::Task<base::Status> GatewayProcess::TellUnusedModels() {
  const auto unused = co_await SettleModelFiles(accounts_, *foundations_.model_files, blocking_);
  if (!unused.ok()) co_return unused.error();
  for (const std::string& name : unused.value()) {
    parts_.log("models/" + name + ": no version of the store names this file; if the store is " +
               "the right one, remove it");
  }
  co_return base::Ok();
}

async::Task<void> GatewayProcess::Start() {
  ended_ = co_await control_.Load();
  if (ended_.ok()) ended_ = co_await TellUnusedModels();
  if (ended_.ok()) ended_ = co_await SeedMonths();
  if (ended_.ok()) ended_ = Listen();
  if (!ended_.ok()) End();
}

async::Task<void> GatewayProcess::Housekeep() {
  Timer timer(*foundations_.io);
  for (int round = 1;; ++round) {
    timer.expires_after(kFollowEvery);
    const auto [failed] = co_await timer.async_wait(kToken);
    if (failed) co_return;
    for (const audit::Event& event : denials_.Take(base::MonotonicNow())) {
      foundations_.audit->Note(event);
    }
    Complain(co_await control_.Follow(), "the store");
    if (round % kIndexEvery == 0) Complain(co_await IndexUsageNow(), "counting usage");
    if (round % kFlushEvery == 0) Complain(co_await control_.FlushKeyUses(), "last uses of keys");
    if (round % kFlushEvery == 0) use_.Count();
    if (round % kUseEvery == 0) Complain(co_await use_.Write(), "the history of use");
  }
}

async::Task<void> GatewayProcess::Resize() {
  if (!options_.auto_resize) co_return;
  auto_resize_.emplace(
      AutoResizeParts{*foundations_.io, accounts_, control_, *foundations_.audit, fleet_,
                      parts_.store.use_history(), blocking_, parts_.log, base::UnixNowMs},
      *options_.auto_resize);
  for (;;) {
    Complain(co_await auto_resize_->Look(), "auto-resize");
    Timer timer(*foundations_.io);
    timer.expires_after(kResizeEvery);
    const auto [failed] = co_await timer.async_wait(kToken);
    if (failed) co_return;
  }
}

async::Task<void> GatewayProcess::SignAudit() {
  for (;;) {
    Timer timer(*foundations_.io);
    timer.expires_after(options_.audit_checkpoint);
    const auto [failed] = co_await timer.async_wait(kToken);
    if (failed) co_return;
    Complain(co_await foundations_.audit->Checkpoint(), "the audit log");
  }
}

async::Task<void> GatewayProcess::ReloadCertificate() {
  audit::Event event;
  event.user_name = "SIGHUP";
  event.object_name = "certificate";
  std::vector<audit::Event> events(1, std::move(event));
  base::Status done = co_await foundations_.audit->Begin(events);
  const bool recorded = done.ok();
  if (recorded) done = tls_->Reload();
  Complain(done, "the certificate; the old one stays");
  ActionOutcome outcome;
  if (recorded) {
    co_await foundations_.audit->End(std::move(events), done.ok() ? 200 : 500, std::move(outcome));
  }
}

void GatewayProcess::HearSignal(uint32_t signal) {
  if (signal == SIGHUP) {
    if (tls_ != nullptr) async::Spawn(*foundations_.io, ReloadCertificate());
    return;
  }
  // At once, as a kill would: what was acknowledged is durable, and workers end with us.
  if (stopping_) ::_exit(EXIT_FAILURE);
  Stop();
}

async::Task<void> GatewayProcess::WatchSignals(int stop) {
  boost::asio::posix::basic_stream_descriptor<async::IoExecutor> signals(*foundations_.io,
                                                                         ::dup(stop));
  for (;;) {
    signalfd_siginfo about{};
    const auto [failed, count] =
        co_await signals.async_read_some(boost::asio::buffer(&about, sizeof(about)), kToken);
    if (failed || count != sizeof(about)) co_return;
    HearSignal(about.ssi_signo);
  }
}

void GatewayProcess::Stop() {
  parts_.log("stopping");
  stopping_ = true;
  const auto stopped = [this] {
    if (--servers_running_ == 0) End();
  };
  servers_running_ = grpc_ == nullptr ? 3 : 4;
  if (grpc_ != nullptr) {
    grpc_->Stop(options_.drain_time,
                [this, stopped] { boost::asio::post(*foundations_.io, stopped); });
  }
  http_.Stop(options_.drain_time, stopped);
  metrics_.Stop(std::chrono::seconds(1), stopped);
  admin_.Stop(options_.drain_time, stopped);
}

void GatewayProcess::End() { foundations_.io->stop(); }

base::Status GatewayProcess::Run(int stop) {
  node_ =
      std::make_unique<fleet::NodeLink>(options_.node_socket, *foundations_.io,
                                        [this](fleet::NodeEvent event) { Hear(std::move(event)); });
  async::Spawn(*foundations_.io, WatchSignals(stop));
  async::Spawn(*foundations_.io, Start());
  async::Spawn(*foundations_.io, Housekeep());
  async::Spawn(*foundations_.io, Resize());
  async::Spawn(*foundations_.io, SignAudit());
  use_.Begin(options_.dcgm, "bulkhead/" + options_.version);
  foundations_.io->run();
  use_.End();
  for (const audit::Event& event : denials_.TakeAll()) foundations_.audit->Note(event);
  node_.reset();
  Complain(use_.WriteNow(), "the history of use");
  const std::vector<store::KeyUse> uses = accounts_.TakeKeyUses();
  if (!uses.empty()) Complain(parts_.store.TouchKeys(uses), "last uses of keys");
  return ended_;
}

}  // namespace bulkhead::gateway
