// SPDX-License-Identifier: Apache-2.0
// A gateway's /metrics without its tenants, workers and node: serves what a running gateway would,
// with counters that go on, until its input ends. Says its port on one line.
#include <filesystem>
#include <iostream>
#include <memory>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unistd.h>

#include "base/unix_clock.h"
#include "gateway/metrics_route.h"
#include "store/sqlite_store.h"

namespace bulkhead::gateway {
namespace {

using std::chrono::milliseconds;

constexpr boost::asio::as_tuple_t<boost::asio::use_awaitable_t<async::IoExecutor>> kToken;

// Of tenants that the accounts do not know: their names are given with each event.
void Happen(Statistics& statistics) {
  RequestTimes times;
  times.worker = {milliseconds(1),  milliseconds(2), milliseconds(1),
                  milliseconds(40), milliseconds(1), 2};
  times.ledger = milliseconds(1);
  times.total = milliseconds(50);
  for (const char* tenant : {"plant", "city"}) {
    const ModelKey key{{tenant}, {"line-3"}, 1};
    statistics.Began(key, tenant);
    statistics.Succeeded(key, tenant, 4, times, 1);
    statistics.Failed(key, tenant, FailureReason::kBackend, milliseconds(1));
    statistics.Ended(key);
    statistics.Answered(tenant, 200);
    statistics.Answered(tenant, 503);
    statistics.Refused(tenant, "in_flight");
  }
  statistics.Refused("", "unauthenticated");
}

async::Task<void> GoOn(boost::asio::io_context& io, Statistics& statistics) {
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    async::IoExecutor>
      timer(io);
  for (;;) {
    Happen(statistics);
    timer.expires_after(milliseconds(100));
    const auto [failed] = co_await timer.async_wait(kToken);
    if (failed) co_return;
  }
}

async::Task<void> EndWithInput(boost::asio::io_context& io) {
  boost::asio::posix::basic_stream_descriptor<async::IoExecutor> input(io, ::dup(STDIN_FILENO));
  char byte = 0;
  co_await input.async_read_some(boost::asio::buffer(&byte, 1), kToken);
  io.stop();
}

std::unique_ptr<Tracer> NewTracer() {
  telemetry::OtlpOptions options;
  options.host = "127.0.0.1";
  return std::make_unique<Tracer>(
      std::make_shared<telemetry::OtlpExporter>(options, [](std::string_view) {}));
}

// Two deployments that never become ready: there is no node.
std::vector<fleet::DesiredDeployment> Deployments() {
  fleet::DesiredDeployment one{{"d1"},     {"plant"}, {"line-3"}, 1,
                               "cpu:1c1g", 2,         true,       {device::Tier::kCpu}};
  fleet::DesiredDeployment other{{"d2"},     {"city"}, {"line-3"}, 1,
                                 "cpu:1c1g", 1,        true,       {device::Tier::kCpu}};
  return {std::move(one), std::move(other)};
}

int Run(const std::filesystem::path& folder) {
  boost::asio::io_context io(1);
  auto metering = Metering::Open(io, folder, {});
  if (!metering.ok()) return 1;
  metering.value()->Note(
      {meter::Outcome::kFailed, "plant", "k", "line-3", 1, "d1", 1, 0, 0, 0, 0, 1, {}});
  Statistics statistics;
  const Accounts accounts(Pepper{});
  const auto tracer = NewTracer();
  fleet::Fleet fleet({io, nullptr, [](const fleet::NodeCommand&) {}, [](std::string_view) {}}, {});
  fleet.Set(Deployments());
  const auto store = store::OpenSqliteStore(folder / "bulkhead.db");
  if (!store.ok()) return 1;
  async::BlockingThread blocking;
  UseFeed use({io, accounts, fleet, statistics, store.value()->use_history(), blocking,
               [](std::string_view) {}, base::UnixNowMs},
              "test");
  use.Begin({{"127.0.0.1", 9, "/metrics"}}, "test");
  const http::Server clients(io, {});
  http::Server server(
      io, MetricsHandlers({accounts, fleet, *metering.value(), statistics, *tracer, use, clients,
                           "0.0.0-test", [] { return false; }, [] { return false; }}));
  const auto port = server.Listen(http::TcpListen{"127.0.0.1", 0, nullptr});
  if (!port.ok()) return 1;
  std::cout << port.value() << std::endl;
  async::Spawn(io, GoOn(io, statistics));
  async::Spawn(io, EndWithInput(io));
  io.run();
  return 0;
}

}  // namespace
}  // namespace bulkhead::gateway

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: metrics_program LEDGER_FOLDER\n";
    return 2;
  }
  return bulkhead::gateway::Run(argv[1]);
}
