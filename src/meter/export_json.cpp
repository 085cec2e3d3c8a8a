// SPDX-License-Identifier: Apache-2.0
#include "meter/export_json.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace bulkhead::meter {
namespace {

// Fields in the order in which they are written.
using Json = nlohmann::ordered_json;

constexpr std::size_t kLagoBatchMax = 100;

std::string TimeText(int64_t unix_ms) {
  using std::chrono::milliseconds;
  using std::chrono::sys_time;
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(
                                                  sys_time<milliseconds>(milliseconds(unix_ms))));
}

int64_t Seconds(int64_t unix_ms) { return unix_ms / 1'000; }

Json CloudEvent(const UsageEvent& event) {
  return {{"specversion", "1.0"},
          {"id", event.id},
          {"source", "bulkhead/" + event.ledger_id},
          {"type", "bulkhead.frames"},
          {"subject", event.key.tenant},
          {"time", TimeText(event.key.hour_unix_ms)},
          {"datacontenttype", "application/json"},
          {"data",
           {{"model", event.key.model},
            {"version", event.key.version},
            {"outcome", OutcomeName(event.key.outcome)},
            {"frames", event.amounts.frames},
            {"billed_frames", event.billed_frames},
            {"bytes_in", event.amounts.bytes_in},
            {"compute_us", event.amounts.compute_us}}}};
}

Json LagoEvent(const UsageEvent& event) {
  return {{"transaction_id", event.id},
          {"external_subscription_id", event.key.tenant},
          {"code", "bulkhead_frames"},
          {"timestamp", Seconds(event.key.hour_unix_ms)},
          {"properties",
           {{"model", event.key.model},
            {"version", event.key.version},
            {"billed_frames", event.billed_frames}}}};
}

Json StripeEvent(const UsageEvent& event) {
  return {
      {"event_name", "bulkhead_frames"},
      {"identifier", event.id},
      {"timestamp", Seconds(event.key.hour_unix_ms)},
      {"payload",
       {{"stripe_customer_id", event.key.tenant}, {"value", std::to_string(event.billed_frames)}}}};
}

}  // namespace

std::string CloudEventsBatch(std::span<const UsageEvent> events) {
  Json batch = Json::array();
  for (const UsageEvent& event : events) batch.push_back(CloudEvent(event));
  return batch.dump();
}

std::vector<std::string> LagoBatches(std::span<const UsageEvent> events) {
  Json all = Json::array();
  for (const UsageEvent& event : events) {
    if (event.billed_frames != 0) all.push_back(LagoEvent(event));
  }
  std::vector<std::string> batches;
  for (std::size_t at = 0; at < all.size(); at += kLagoBatchMax) {
    Json batch = Json::array();
    for (std::size_t i = at; i < std::min(all.size(), at + kLagoBatchMax); ++i) {
      batch.push_back(all[i]);
    }
    batches.push_back(Json{{"events", std::move(batch)}}.dump());
  }
  return batches;
}

std::vector<std::string> StripeMeterEvents(std::span<const UsageEvent> events) {
  std::vector<std::string> bodies;
  for (const UsageEvent& event : events) {
    if (event.billed_frames != 0) bodies.push_back(StripeEvent(event).dump());
  }
  return bodies;
}

std::optional<ExportFormat> ParseExportFormat(std::string_view name) {
  if (name == "cloudevents") return ExportFormat::kCloudEvents;
  if (name == "lago") return ExportFormat::kLago;
  if (name == "stripe") return ExportFormat::kStripe;
  return std::nullopt;
}

std::vector<std::string> RequestBodies(ExportFormat format, std::span<const UsageEvent> events) {
  switch (format) {
    case ExportFormat::kCloudEvents:
      if (events.empty()) return {};
      return {CloudEventsBatch(events)};
    case ExportFormat::kLago:
      return LagoBatches(events);
    case ExportFormat::kStripe:
      return StripeMeterEvents(events);
  }
  return {};
}

}  // namespace bulkhead::meter
