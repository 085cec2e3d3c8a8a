// SPDX-License-Identifier: Apache-2.0
#include "gateway/metrics_route.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/http_error.h"
#include "isolation/end.h"
#include "telemetry/exposition.h"

namespace bulkhead::gateway {
namespace {

using telemetry::Family;
using telemetry::Kind;
using telemetry::Labels;

std::string TenantName(const Accounts& accounts, const tenant::TenantId& id) {
  const tenant::Tenant* owner = accounts.directory().FindTenant(id);
  return owner == nullptr ? "removed" : owner->name;
}

constexpr fleet::WorkerPhase kPhases[] = {
    fleet::WorkerPhase::kStarting, fleet::WorkerPhase::kReady, fleet::WorkerPhase::kDraining,
    fleet::WorkerPhase::kBackingOff, fleet::WorkerPhase::kFailed};

constexpr std::pair<isolation::EndReason, const char*> kEnds[] = {
    {isolation::EndReason::kFinished, "finished"},
    {isolation::EndReason::kCrashed, "crashed"},
    {isolation::EndReason::kViolated, "violated"},
    {isolation::EndReason::kOutOfMemory, "out_of_memory"},
    {isolation::EndReason::kTimedOut, "timed_out"},
    {isolation::EndReason::kKilled, "killed"},
    {isolation::EndReason::kLost, "lost"}};

void AppendProgram(const MetricsParts& parts, std::vector<Family>& families) {
  families.push_back({"bulkhead_build_info",
                      "1; the label says which version runs.",
                      Kind::kGauge,
                      {{{{"version", parts.version}}, 1.0}}});
  families.push_back({"bulkhead_node_up",
                      "1, or 0 when the node is not connected.",
                      Kind::kGauge,
                      {{{}, parts.node_up() ? 1.0 : 0.0}}});
  families.push_back({"bulkhead_ready",
                      "1, or 0 when the gateway says that it is not ready.",
                      Kind::kGauge,
                      {{{}, parts.ready() ? 1.0 : 0.0}}});
}

void AppendDeployments(const MetricsParts& parts, std::vector<Family>& families) {
  Family replicas{"bulkhead_deployment_replicas",
                  "Replicas of a deployment that are wanted and that are ready.",
                  Kind::kGauge,
                  {}};
  Family waiting{
      "bulkhead_deployment_waiting", "Calls for which no worker has room.", Kind::kGauge, {}};
  for (const fleet::DeploymentState& deployment : parts.fleet.Deployments()) {
    const Labels labels{{"tenant", TenantName(parts.accounts, deployment.tenant)},
                        {"model", deployment.model.text}};
    for (const auto& [state, count] :
         {std::pair("wanted", deployment.replicas_wanted), {"ready", deployment.replicas_ready}}) {
      Labels with_state = labels;
      with_state.emplace_back("state", state);
      replicas.samples.push_back({std::move(with_state), static_cast<double>(count)});
    }
    waiting.samples.push_back({labels, static_cast<double>(deployment.waiting)});
  }
  families.push_back(std::move(replicas));
  families.push_back(std::move(waiting));
}

// All reasons of a deployment from its beginning: a counter that appears with its first event would
// hide it from increase().
void AppendEnds(const MetricsParts& parts, std::vector<Family>& families) {
  fleet::WorkerEnds ends = parts.fleet.ends();
  for (const fleet::DeploymentState& deployment : parts.fleet.Deployments()) {
    for (const auto& [reason, name] : kEnds) {
      ends.try_emplace({deployment.tenant, deployment.model, reason}, 0);
    }
  }
  Family family{"bulkhead_worker_ends_total",
                "Workers that ended without being asked to.",
                Kind::kCounter,
                {}};
  for (const auto& [key, count] : ends) {
    const auto& [tenant, model, reason] = key;
    const auto* named = std::ranges::find(kEnds, reason, [](const auto& one) { return one.first; });
    family.samples.push_back({{{"tenant", TenantName(parts.accounts, tenant)},
                               {"model", model.text},
                               {"reason", named->second}},
                              static_cast<double>(count)});
  }
  families.push_back(std::move(family));
}

void AppendWorkers(const MetricsParts& parts, std::vector<Family>& families) {
  std::map<std::string, double> phases;
  for (const fleet::WorkerPhase phase : kPhases)
    phases[std::string(fleet::WorkerPhaseName(phase))] = 0;
  Family starts{"bulkhead_worker_starts", "How often a worker was started.", Kind::kGauge, {}};
  Family layers{"bulkhead_worker_isolation_layers",
                "Layers of isolation that a worker runs behind.",
                Kind::kGauge,
                {}};
  Family outstanding{
      "bulkhead_worker_outstanding", "Calls that a worker owes an answer.", Kind::kGauge, {}};
  for (const fleet::WorkerState& worker : parts.fleet.Workers()) {
    const Labels labels{{"tenant", TenantName(parts.accounts, worker.tenant)},
                        {"model", worker.model.text},
                        {"version", std::to_string(worker.version)},
                        {"worker", worker.name}};
    phases[std::string(fleet::WorkerPhaseName(worker.phase))] += 1;
    starts.samples.push_back({labels, static_cast<double>(worker.starts)});
    layers.samples.push_back({labels, static_cast<double>(worker.layers.List().size())});
    outstanding.samples.push_back({labels, static_cast<double>(worker.outstanding)});
  }
  Family workers{"bulkhead_workers", "Workers by what they do.", Kind::kGauge, {}};
  for (const auto& [phase, count] : phases) workers.samples.push_back({{{"phase", phase}}, count});
  for (Family* family : {&workers, &starts, &layers, &outstanding}) {
    families.push_back(std::move(*family));
  }
}

void AppendHttp(const http::Counts& counts, std::vector<Family>& families) {
  const auto append = [&](const char* name, const char* help, Kind kind, uint64_t value) {
    families.push_back({name, help, kind, {{{}, static_cast<double>(value)}}});
  };
  append("bulkhead_http_connections", "Open connections.", Kind::kGauge, counts.connections);
  append("bulkhead_http_requests_total", "Requests.", Kind::kCounter, counts.requests);
  append("bulkhead_http_cancelled_total", "Requests whose client went away.", Kind::kCounter,
         counts.cancelled);
  append("bulkhead_http_undelivered_total", "Responses that could not be written.", Kind::kCounter,
         counts.undelivered);
  append("bulkhead_http_received_bytes_total", "Bytes received.", Kind::kCounter,
         counts.received_bytes);
  append("bulkhead_http_sent_bytes_total", "Bytes sent.", Kind::kCounter, counts.sent_bytes);
  Family shed{
      "bulkhead_http_shed_total", "Connections that were ended for a limit.", Kind::kCounter, {}};
  const std::pair<const char*, uint64_t> reasons[] = {{"connections", counts.shed_connections},
                                                      {"peer", counts.shed_peer},
                                                      {"descriptors", counts.shed_descriptors},
                                                      {"head", counts.shed_head},
                                                      {"body", counts.shed_body},
                                                      {"bodies", counts.shed_bodies},
                                                      {"write", counts.shed_write},
                                                      {"idle", counts.shed_idle},
                                                      {"tls", counts.shed_tls}};
  for (const auto& [reason, count] : reasons) {
    shed.samples.push_back({{{"reason", reason}}, static_cast<double>(count)});
  }
  families.push_back(std::move(shed));
}

http::Response Metrics(const MetricsParts& parts) {
  std::vector<Family> families;
  AppendProgram(parts, families);
  parts.statistics.AppendFamilies(families);
  parts.metering.AppendFamilies(families);
  AppendDeployments(parts, families);
  AppendWorkers(parts, families);
  AppendEnds(parts, families);
  parts.tracer.AppendFamilies(families);
  parts.use.AppendFamilies(families);
  AppendHttp(parts.http.counts(), families);
  return http::MakeResponse(200, "text/plain; version=0.0.4; charset=utf-8",
                            telemetry::PrometheusText(families));
}

}  // namespace

http::Handlers MetricsHandlers(MetricsParts parts) {
  http::Handlers handlers;
  handlers.handle = [parts](http::Request& request,
                            const http::RequestScope&) -> async::Task<http::Response> {
    const bool known = request.target == "/metrics" || request.target == "/metrics/";
    if (!known) co_return Problem(404, "metrics are at /metrics", "");
    if (request.method != "GET" && request.method != "HEAD") {
      co_return Problem(405, "metrics are read with GET", "");
    }
    co_return Metrics(parts);
  };
  return handlers;
}

}  // namespace bulkhead::gateway
