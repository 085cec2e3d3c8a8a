// SPDX-License-Identifier: Apache-2.0
#include "gateway/use_feed.h"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace bulkhead::gateway {
namespace {

using Readings = base::Result<std::vector<advice::DeviceReading>>;

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kDayMs = 24 * kHourMs;

Readings ReadText(const base::Result<std::string>& text) {
  if (!text.ok()) return text.error();
  auto readings = advice::ReadDcgm(text.value());
  if (readings.ok() && readings.value().size() > UseFeed::kDevicesMax) {
    return base::OperatorError(base::Code::kExhausted, "it speaks of too many devices");
  }
  return readings;
}

}  // namespace

UseFeed::UseFeed(UseFeedParts parts, std::string writer)
    : parts_(std::move(parts)), recorder_(std::move(writer)) {}

UseFeed::~UseFeed() = default;

void UseFeed::Begin(const std::vector<telemetry::HttpPlace>& exporters,
                    const std::string& user_agent, const telemetry::ScrapeLimits& limits) {
  for (const telemetry::HttpPlace& place : exporters) {
    const std::size_t index = exporters_.size();
    Exporter& exporter = exporters_.emplace_back();
    exporter.name = place.Authority();
    exporter.scraper = std::make_unique<telemetry::Scraper>(
        place, user_agent, limits, [this, index](const base::Result<std::string>& text) {
          // Read here, on the scraper's thread.
          boost::asio::post(parts_.io,
                            [this, index, readings = ReadText(text)] { Hear(index, readings); });
        });
  }
}

void UseFeed::End() {
  for (Exporter& exporter : exporters_) exporter.scraper.reset();
}

std::vector<DeviceUser> UseFeed::Users() const {
  std::vector<DeviceUser> users;
  for (const fleet::WorkerState& worker : parts_.fleet.Workers()) {
    if (worker.phase != fleet::WorkerPhase::kReady &&
        worker.phase != fleet::WorkerPhase::kDraining) {
      continue;
    }
    const auto device = DeviceOf(worker.device, worker.partition);
    const tenant::Deployment* deployment =
        parts_.accounts.directory().FindDeployment(worker.tenant, worker.model);
    if (device && deployment != nullptr) {
      users.push_back({deployment->id, worker.profile, *device});
    }
  }
  return users;
}

void UseFeed::Hear(std::size_t exporter, const Readings& readings) {
  Exporter& from = exporters_[exporter];
  ++from.asked;
  if (!readings.ok()) {
    ++from.failed;
    if (!from.failing) {
      parts_.log("dcgm-exporter " + from.name + ": " + readings.error().detail +
                 "; no readings until it answers");
    }
  } else {
    from.readings += recorder_.Note(readings.value(), Users(), parts_.unix_ms());
    if (from.failing) parts_.log("dcgm-exporter " + from.name + ": answers again");
  }
  from.failing = !readings.ok();
}

void UseFeed::Count() {
  std::vector<ServedDeployment> served;
  for (const fleet::DeploymentState& state : parts_.fleet.Deployments()) {
    const tenant::Deployment* deployment =
        parts_.accounts.directory().FindDeployment(state.tenant, state.model);
    if (deployment == nullptr || !state.serving_version) continue;
    Statistics::Served sum = parts_.statistics.ServedOf(state.tenant, state.model);
    served.push_back(
        {deployment->id, state.tenant, state.model, deployment->profile, sum.frames, sum.requests});
  }
  recorder_.Count(served, parts_.unix_ms());
}

std::function<base::Status()> UseFeed::Writing(const std::vector<store::UseRow>& rows) const {
  const int64_t now = parts_.unix_ms();
  return [this, &rows, forget_before = now - now % kHourMs - kDaysKept * kDayMs] {
    return parts_.history.PutUse(rows, forget_before);
  };
}

async::Task<base::Status> UseFeed::Write() {
  const std::vector<store::UseRow> rows = recorder_.TakeChanged();
  if (rows.empty()) co_return base::Ok();
  std::function<base::Status()> write = Writing(rows);
  base::Status written = co_await parts_.blocking.Run<base::Status>(std::move(write));
  if (!written.ok()) recorder_.PutBack(rows);
  co_return written;
}

base::Status UseFeed::WriteNow() {
  Count();
  const std::vector<store::UseRow> rows = recorder_.TakeChanged();
  return rows.empty() ? base::Ok() : Writing(rows)();
}

void UseFeed::AppendFamilies(std::vector<telemetry::Family>& families) const {
  const auto append = [&](const char* name, const char* help, uint64_t Exporter::* count) {
    telemetry::Family family{name, help, telemetry::Kind::kCounter, {}};
    for (const Exporter& exporter : exporters_) {
      family.samples.push_back(
          {{{"exporter", exporter.name}}, static_cast<double>(exporter.*count)});
    }
    families.push_back(std::move(family));
  };
  append("bulkhead_use_scrapes_total", "How often a dcgm-exporter was asked.", &Exporter::asked);
  append("bulkhead_use_scrape_failures_total", "How often it gave nothing that could be read.",
         &Exporter::failed);
  append("bulkhead_use_readings_total", "Readings that were of a deployment.", &Exporter::readings);
}

}  // namespace bulkhead::gateway
