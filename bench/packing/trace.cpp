// SPDX-License-Identifier: Apache-2.0
#include "packing/trace.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <sstream>

#include "packing/check_that.h"

namespace bulkhead::bench {
namespace {

constexpr double kSecondsPerHour = 3600;
// exp(-sigma^2 / 2) makes the mean 1.
constexpr double kLifetimeSigma = 1.0;
constexpr double kLifetimeMu = -0.5;

double AreaOf(const mig::GpuModel& model, int profile) {
  const mig::Profile& one = model.profiles[static_cast<std::size_t>(profile)];
  const double slices = static_cast<double>(one.slices) / model.profiles.back().slices;
  return std::max(static_cast<double>(one.units) / model.units, slices);
}

double Uniform(std::mt19937_64& random) {
  return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53;
}

// The standard library's distributions differ between libraries; these do not.
double Exponential(std::mt19937_64& random, double mean) {
  return -mean * std::log(Uniform(random));
}

double LogNormal(std::mt19937_64& random) {
  const double angle = 2 * 3.14159265358979323846 * Uniform(random);
  const double normal = std::sqrt(-2 * std::log(Uniform(random))) * std::cos(angle);
  return std::exp(kLifetimeMu + kLifetimeSigma * normal);
}

}  // namespace

std::vector<Mix> Mixes() {
  return {
      {"uniform", {{"1g.5gb", 1}, {"2g.10gb", 1}, {"3g.20gb", 1}, {"4g.20gb", 1}, {"7g.40gb", 1}}},
      {"small", {{"1g.5gb", 8}, {"2g.10gb", 4}, {"3g.20gb", 2}, {"4g.20gb", 1}, {"7g.40gb", 1}}},
      {"yolo",
       {{"1g.5gb", 6},
        {"1g.5gb+me", 1},
        {"1g.10gb", 1},
        {"2g.10gb", 4},
        {"3g.20gb", 4},
        {"7g.40gb", 0.5}}},
      {"large", {{"1g.5gb", 1}, {"2g.10gb", 1}, {"3g.20gb", 2}, {"4g.20gb", 2}, {"7g.40gb", 3}}},
      {"two-sizes", {{"1g.5gb", 8}, {"7g.40gb", 2}}},
      {"all",
       {{"1g.5gb", 2},
        {"1g.5gb+me", 1},
        {"1g.10gb", 2},
        {"2g.10gb", 2},
        {"3g.20gb", 2},
        {"4g.20gb", 1},
        {"7g.40gb", 1}}}};
}

Trace Synthetic(const mig::GpuModel& model, const Mix& mix, int gpus, double load, int arrivals,
                uint64_t seed) {
  double total = 0;
  double area = 0;
  for (const auto& [name, weight] : mix.weights) {
    total += weight;
    area += weight * AreaOf(model, mig::FindProfile(model, name));
  }
  std::mt19937_64 random(seed);
  Trace trace{.name = mix.name, .arrivals = {}};
  double at_h = 0;
  for (int count = 0; count < arrivals; ++count) {
    at_h += Exponential(random, area / total / (load * gpus));
    double drawn = Uniform(random) * total;
    std::size_t which = 0;
    while (which + 1 < mix.weights.size() && drawn >= mix.weights[which].second) {
      drawn -= mix.weights[which++].second;
    }
    const int profile = mig::FindProfile(model, mix.weights[which].first);
    trace.arrivals.push_back({at_h, LogNormal(random), profile});
  }
  return trace;
}

Trace ReadTrace(const mig::GpuModel& model, const std::string& path) {
  std::ifstream file(path);
  std::string line;
  CheckThat(static_cast<bool>(std::getline(file, line)), "a trace at " + path);
  CheckThat(line == "arrival_s,lifetime_s,profile", "the first line of a trace in " + path);
  Trace trace{.name = path.substr(path.find_last_of('/') + 1), .arrivals = {}};
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    double arrival_s = 0;
    double lifetime_s = 0;
    char comma = 0;
    std::string profile;
    fields >> arrival_s >> comma >> lifetime_s >> comma >> profile;
    const int found = mig::FindProfile(model, profile);
    CheckThat(found >= 0, "a known profile in: " + line);
    trace.arrivals.push_back({arrival_s / kSecondsPerHour, lifetime_s / kSecondsPerHour, found});
  }
  return trace;
}

double PeakGpus(const mig::GpuModel& model, const Trace& trace) {
  std::vector<std::pair<double, double>> changes;
  for (const Arrival& one : trace.arrivals) {
    const double area = AreaOf(model, one.profile);
    changes.emplace_back(one.at_h, area);
    changes.emplace_back(one.at_h + one.lifetime_h, -area);
  }
  std::ranges::sort(changes);
  double now = 0;
  double peak = 0;
  for (const auto& [at, change] : changes) {
    now += change;
    peak = std::max(peak, now);
  }
  return peak;
}

}  // namespace bulkhead::bench
