// SPDX-License-Identifier: Apache-2.0
// Metrics as values, and their text for Prometheus.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "telemetry/histogram.h"

namespace bulkhead::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

enum class Kind : uint8_t { kCounter, kGauge, kHistogram };

struct Sample {
  Labels labels;
  std::variant<double, Histogram> value;  // kHistogram: a Histogram; otherwise a number
};

// All samples of one name. A family without samples is left out of the text.
struct Family {
  std::string name;
  std::string help;
  Kind kind = Kind::kCounter;
  std::vector<Sample> samples;
};

// Prometheus' text format, version 0.0.4. Label values are escaped there, whatever is in them.
std::string PrometheusText(const std::vector<Family>& families);

}  // namespace bulkhead::telemetry
