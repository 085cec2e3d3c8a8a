// SPDX-License-Identifier: Apache-2.0
// GET /metrics, for Prometheus, on a port of its own.
#pragma once

#include <functional>
#include <string>

#include "fleet/fleet.h"
#include "gateway/accounts.h"
#include "gateway/metering.h"
#include "gateway/statistics.h"
#include "gateway/tracing.h"
#include "gateway/use_feed.h"
#include "http/server.h"

namespace bulkhead::gateway {

struct MetricsParts {
  const Accounts& accounts;
  const fleet::Fleet& fleet;
  const Metering& metering;
  const Statistics& statistics;
  const Tracer& tracer;
  const UseFeed& use;
  const http::Server& http;  // the one that clients reach
  std::string version;       // of this program
  std::function<bool()> node_up;
  std::function<bool()> ready;
};

http::Handlers MetricsHandlers(MetricsParts parts);

}  // namespace bulkhead::gateway
