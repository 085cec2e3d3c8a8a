// SPDX-License-Identifier: Apache-2.0
// Measures planning: how long it takes, and how much more of the same demand it accepts than
// others.
//
//   packing [TRACE.csv...]
//
// TRACE.csv: of openb_to_trace.py. Prints tables, and a line `row NAME VALUE UNIT NOTE` for each
// number, which measure.py adds to a summary.
#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "packing/packing_times.h"
#include "packing/simulate.h"

namespace bulkhead::bench {
namespace {

constexpr int kGpus = 40;
constexpr int kArrivals = 3000;
constexpr int kSeeds = 4;
constexpr double kNeededLoad = 0.8;
constexpr std::array kLoads = {0.8, 0.95, 1.1};
// Of a trace that was not made to measure: a fleet with this share of the most it asks for at once.
constexpr std::array kShares = {0.7, 0.85, 0.95};

// Means of one policy, or of the bound, over some traces.
struct Scores {
  double slice_hours = 0;
  double requests = 0;
  double gpus = 0;
};

using Table = std::vector<Scores>;  // by policy; the last is the bound

void Show(const std::string& name, const std::vector<Policy>& policies, const Table& table) {
  fmt::print("\n{:<24} {:>12} {:>10} {:>8}\n", name, "slice-hours", "requests", "GPUs");
  for (std::size_t at = 0; at < table.size(); ++at) {
    const bool bound = at == policies.size();
    fmt::print("{:<24} {:>11.2f}% {:>10} {:>8.2f}\n", bound ? "bound" : policies[at].name,
               100 * table[at].slice_hours,
               bound ? "" : fmt::format("{:.2f}%", 100 * table[at].requests), table[at].gpus);
  }
}

void AddUnder(const mig::GpuModel& model, const Trace& trace, int gpus, double share,
              const std::vector<Policy>& policies, Table& table) {
  for (std::size_t at = 0; at < policies.size(); ++at) {
    const Outcome outcome = Simulate(model, trace, gpus, policies[at]);
    table[at].slice_hours += share * outcome.slice_hours;
    table[at].requests += share * outcome.requests;
  }
  table.back().slice_hours += share * SliceHoursBound(model, trace, gpus);
}

void AddNeeded(const mig::GpuModel& model, const Trace& trace, double share,
               const std::vector<Policy>& policies, Table& table) {
  for (std::size_t at = 0; at < policies.size(); ++at) {
    table[at].gpus += share * GpusNeeded(model, trace, policies[at]);
  }
  table.back().gpus += share * GpusBound(model, trace);
}

Table MeasureMix(const mig::GpuModel& model, const Mix& mix, const std::vector<Policy>& policies) {
  Table table(policies.size() + 1);
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const double load : kLoads) {
      const Trace trace = Synthetic(model, mix, kGpus, load, kArrivals, seed);
      AddUnder(model, trace, kGpus, 1.0 / (kSeeds * kLoads.size()), policies, table);
    }
    const Trace trace = Synthetic(model, mix, kGpus, kNeededLoad, kArrivals, seed);
    AddNeeded(model, trace, 1.0 / kSeeds, policies, table);
  }
  return table;
}

Table MeasureTrace(const mig::GpuModel& model, const Trace& trace,
                   const std::vector<Policy>& policies) {
  Table table(policies.size() + 1);
  const double peak = PeakGpus(model, trace);
  for (const double share : kShares) {
    const int gpus = static_cast<int>(std::ceil(share * peak));
    AddUnder(model, trace, gpus, 1.0 / kShares.size(), policies, table);
  }
  AddNeeded(model, trace, 1, policies, table);
  return table;
}

// The least lead of one policy over every other that is not ours, over all measures.
double LeastLead(const std::vector<Policy>& policies, const Table& means, const std::string& name) {
  const auto found = std::ranges::find(policies, name, &Policy::name);
  const Scores& ours = means[static_cast<std::size_t>(found - policies.begin())];
  double least = INFINITY;
  for (std::size_t at = 0; at < policies.size(); ++at) {
    if (policies[at].ours) continue;
    least = std::min({least, ours.slice_hours / means[at].slice_hours,
                      ours.requests / means[at].requests, means[at].gpus / ours.gpus});
  }
  return least;
}

void MeasurePacking(const std::vector<std::string>& paths) {
  const mig::GpuModel& model = *mig::FindGpuModel("A100-40GB");
  const std::vector<Policy> policies = Policies();
  std::vector<std::pair<std::string, Table>> tables;
  for (const Mix& mix : Mixes()) tables.emplace_back(mix.name, MeasureMix(model, mix, policies));
  for (const std::string& path : paths) {
    const Trace trace = ReadTrace(model, path);
    tables.emplace_back(trace.name, MeasureTrace(model, trace, policies));
  }
  Table means(policies.size() + 1);
  const auto count = static_cast<double>(tables.size());
  for (const auto& [name, table] : tables) {
    Show(name, policies, table);
    // GPUs in parts of the bound, so that a large trace weighs no more than a small one.
    for (std::size_t at = 0; at < table.size(); ++at) {
      means[at].slice_hours += table[at].slice_hours / count;
      means[at].requests += table[at].requests / count;
      means[at].gpus += table[at].gpus / table.back().gpus / count;
    }
  }
  Show("mean (GPUs: of the bound)", policies, means);
  fmt::print("row packing-vs-best-rival {:.5f} times the least lead of three, {} kinds of trace\n",
             LeastLead(policies, means, "bulkhead"), tables.size());
  fmt::print("row packing-with-moves {:.5f} times up to {} moves for a deployment\n",
             LeastLead(policies, means, "bulkhead with moves"), kMovesAllowed.moves_max);
}

}  // namespace
}  // namespace bulkhead::bench

int main(int argc, char** argv) {
  try {
    const auto one = bulkhead::bench::MeasurePlanOne();
    fmt::print("row plan-one-ms {:.4f} ms {}\n", one.value, one.note);
    const auto all = bulkhead::bench::MeasureReplan();
    fmt::print("row replan-s {:.3f} s {}\n", all.value, all.note);
    bulkhead::bench::MeasurePacking({argv + 1, argv + argc});
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 1;
  }
  return 0;
}
