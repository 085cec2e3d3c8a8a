// SPDX-License-Identifier: Apache-2.0
#include "gateway/metrics_route.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/http_error.h"
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

void AppendWorkers(const MetricsParts& parts, std::vector<Family>& families) {
  std::map<std::string, double> phases;
  Family starts{"bulkhead_worker_starts", "How often a worker was started.", Kind::kGauge, {}};
  Family layers{"bulkhead_worker_isolation_layers",
                "Layers of isolation that a worker runs behind.",
                Kind::kGauge,
                {}};
  Family outstanding{
      "bulkhead_worker_outstanding", "Calls that a worker owes an answer.", Kind::kGauge, {}};
  for (const WorkerState& worker : parts.fleet.Workers()) {
    const Labels labels{{"tenant", TenantName(parts.accounts, worker.tenant)},
                        {"model", worker.model.text},
                        {"version", std::to_string(worker.version)},
                        {"worker", worker.name}};
    phases[std::string(WorkerPhaseName(worker.phase))] += 1;
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

void AppendHttp(const HttpCounts& counts, std::vector<Family>& families) {
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

HttpResponse Metrics(const MetricsParts& parts) {
  std::vector<Family> families;
  parts.statistics.AppendFamilies(families);
  parts.metering.AppendFamilies(families);
  AppendWorkers(parts, families);
  AppendHttp(parts.http.counts(), families);
  return MakeResponse(200, "text/plain; version=0.0.4; charset=utf-8",
                      telemetry::PrometheusText(families));
}

}  // namespace

HttpHandlers MetricsHandlers(MetricsParts parts) {
  HttpHandlers handlers;
  handlers.handle = [parts](HttpRequest& request, const RequestScope&) -> Task<HttpResponse> {
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
