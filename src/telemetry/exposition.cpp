// SPDX-License-Identifier: Apache-2.0
#include "telemetry/exposition.h"

#include <limits>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "base/check.h"

namespace bulkhead::telemetry {
namespace {

prometheus::MetricType TypeOf(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return prometheus::MetricType::Counter;
    case Kind::kGauge:
      return prometheus::MetricType::Gauge;
    case Kind::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric::Histogram Cumulative(const Histogram& histogram) {
  prometheus::ClientMetric::Histogram result;
  uint64_t below = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    below += histogram.counts[i];
    const double bound =
        i < kSecondsBounds.size() ? kSecondsBounds[i] : std::numeric_limits<double>::infinity();
    result.bucket.push_back({below, bound});
  }
  result.sample_count = below;
  result.sample_sum = histogram.sum_seconds;
  return result;
}

prometheus::ClientMetric MetricOf(const Sample& sample, Kind kind) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
  if (kind == Kind::kHistogram) {
    const auto* histogram = std::get_if<Histogram>(&sample.value);
    BH_CHECK(histogram != nullptr);
    metric.histogram = Cumulative(*histogram);
    return metric;
  }
  const double* number = std::get_if<double>(&sample.value);
  BH_CHECK(number != nullptr);
  metric.counter.value = *number;
  metric.gauge.value = *number;
  return metric;
}

}  // namespace

std::string PrometheusText(const std::vector<Family>& families) {
  std::vector<prometheus::MetricFamily> collected;
  for (const Family& family : families) {
    if (family.samples.empty()) continue;
    prometheus::MetricFamily& target = collected.emplace_back();
    target.name = family.name;
    target.help = family.help;
    target.type = TypeOf(family.kind);
    for (const Sample& sample : family.samples) {
      target.metric.push_back(MetricOf(sample, family.kind));
    }
  }
  return prometheus::TextSerializer().Serialize(collected);
}

}  // namespace bulkhead::telemetry
