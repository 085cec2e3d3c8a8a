// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_options.h"

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "telemetry/http_place.h"

namespace bulkhead::telemetry {
namespace {

using base::Code;

constexpr int64_t kMillisecondsMax = 3'600'000;

// Variables of one meaning, the one for traces first.
struct Setting {
  std::string name;
  std::string value;
};

std::optional<Setting> Find(const Environment& environment,
                            std::initializer_list<const char*> names) {
  for (const char* name : names) {
    auto value = environment(name);
    if (value && !value->empty()) return Setting{name, *std::move(value)};
  }
  return std::nullopt;
}

base::Error Wrong(const Setting& setting, std::string_view what) {
  return base::OperatorError(Code::kInvalid, setting.name + ": " + std::string(what));
}

template <typename T>
std::optional<T> ParseAll(std::string_view text) {
  T value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

base::Status ReadMilliseconds(const std::optional<Setting>& setting,
                              std::chrono::milliseconds& target) {
  if (!setting) return base::Ok();
  const auto value = ParseAll<int64_t>(setting->value);
  if (!value || *value < 1 || *value > kMillisecondsMax) {
    return Wrong(*setting, "must be milliseconds, from 1 to 3600000");
  }
  target = std::chrono::milliseconds(*value);
  return base::Ok();
}

base::Status ReadEndpoint(const Setting& setting, bool of_traces, OtlpOptions& options) {
  BH_ASSIGN(HttpPlace place, ParseHttpPlace(setting.name, setting.value));
  options.host = std::move(place.host);
  options.port = place.port;
  options.path = std::move(place.path);
  if (of_traces) {
    if (options.path.empty()) options.path = "/";
  } else {
    if (!options.path.ends_with('/')) options.path += '/';
    options.path += "v1/traces";
  }
  return base::Ok();
}

base::Status ReadProtocol(const std::optional<Setting>& setting) {
  if (!setting || setting->value == "http/json") return base::Ok();
  return base::OperatorError(Code::kUnsupported,
                             setting->name + ": " + setting->value +
                                 " is not supported; http/json is, on the port of http/protobuf");
}

base::Status ReadSampledShare(const std::optional<Setting>& setting, double& target) {
  if (!setting) return base::Ok();
  const auto value = ParseAll<double>(setting->value);
  if (!value || !(*value >= 0 && *value <= 1)) {
    return Wrong(*setting, "must be a number from 0 to 1");
  }
  target = *value;
  return base::Ok();
}

}  // namespace

std::optional<std::string> ProcessEnvironment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return value;
}

base::Result<std::optional<OtlpOptions>> ReadOtlpOptions(const Environment& environment) {
  constexpr const char* kOfTraces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  const auto endpoint = Find(environment, {kOfTraces, "OTEL_EXPORTER_OTLP_ENDPOINT"});
  if (!endpoint || environment("OTEL_SDK_DISABLED") == "true") {
    return std::optional<OtlpOptions>();
  }
  OtlpOptions options;
  BH_TRY(ReadEndpoint(*endpoint, endpoint->name == kOfTraces, options));
  BH_TRY(ReadProtocol(
      Find(environment, {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"})));
  BH_TRY(ReadMilliseconds(
      Find(environment, {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"}),
      options.timeout));
  BH_TRY(ReadMilliseconds(Find(environment, {"OTEL_BSP_SCHEDULE_DELAY"}), options.delay));
  BH_TRY(ReadSampledShare(Find(environment, {"OTEL_TRACES_SAMPLER_ARG"}), options.sampled_share));
  const auto service = Find(environment, {"OTEL_SERVICE_NAME"});
  options.service_name = service ? service->value : "bulkhead-gateway";
  return std::optional<OtlpOptions>(std::move(options));
}

}  // namespace bulkhead::telemetry
