// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_use.h"

#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/unix_clock.h"
#include "device/profile_text.h"
#include "gateway/deployment_use.h"
#include "gateway/http_error.h"
#include "gateway/use_feed.h"
#include "http/query.h"

namespace bulkhead::gateway {
namespace {

using nlohmann::json;

constexpr int64_t kHourMs = 3'600'000;

// `simulated`: the GPUs do not exist, so that a deployment on one runs on cores.
json UseJson(const DeploymentUse& use, bool simulated) {
  const advice::UseReport& report = use.report;
  const advice::Evidence& evidence = report.evidence;
  const auto text = [](const std::string& value) {
    return value.empty() ? json(nullptr) : json(value);
  };
  return {{"tenant", use.tenant_name},
          {"model", use.deployment.model.text},
          {"deployment", use.deployment.id.text},
          {"replicas", use.deployment.replicas},
          {"profile", use.deployment.profile},
          {"gpu", text(report.gpu)},
          {"simulated",
           simulated && device::TierOfProfile(use.deployment.profile) != device::Tier::kCpu},
          {"devices", report.devices},
          {"verdict", advice::VerdictName(report.advice.verdict)},
          {"move_to", text(report.advice.profile)},
          {"reasons", report.advice.reasons},
          {"evidence",
           {{"hours", evidence.hours},
            {"readings", evidence.readings},
            {"engine_active_p95", evidence.engine_p95},
            {"dram_active_p95", evidence.dram_p95},
            {"memory_used_max_mib", evidence.memory_max_mib},
            {"frames", evidence.frames},
            {"p99_ms_worst_hour", evidence.p99_ms ? json(*evidence.p99_ms) : json(nullptr)}}}};
}

// nullopt: the query is none.
std::optional<int64_t> DaysOf(const http::Request& http) {
  const auto fields = http::ParseQuery(http.query);
  if (!fields.ok()) return std::nullopt;
  int64_t days = UseFeed::kDaysKept;
  for (const auto& [name, value] : fields.value()) {
    const auto number = ParseNumber(value);
    if (name != "days" || !number || *number < 1 || *number > uint64_t{UseFeed::kDaysKept}) {
      return std::nullopt;
    }
    days = static_cast<int64_t>(*number);
  }
  return days;
}

}  // namespace

async::Task<http::Response> HandleUse(const AdminParts& parts, AdminRequest request) {
  if (request.http.method != "GET") co_return Problem(405, "use is read with GET", "");
  const std::optional<int64_t> days = DaysOf(request.http);
  if (!days) {
    co_return AdminError(
        base::PublicError(base::Code::kInvalid, "the query has days, a number from 1 to 30"));
  }
  const int64_t now = base::UnixNowMs();
  const int64_t from = now - now % kHourMs - *days * 24 * kHourMs;
  const base::Status written = co_await parts.write_use();
  if (!written.ok()) co_return AdminError(written.error());
  const auto all =
      co_await ReadUse(parts.accounts, parts.store.use_history(), parts.blocking, from);
  if (!all.ok()) co_return AdminError(all.error());
  json documents = json::array();
  for (const DeploymentUse& use : all.value())
    documents.push_back(UseJson(use, parts.fleet.gpus().simulated));
  co_return AdminJson(200, {{"days", *days}, {"deployments", std::move(documents)}});
}

}  // namespace bulkhead::gateway
