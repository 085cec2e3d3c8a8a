// SPDX-License-Identifier: Apache-2.0
#include "planner/packing_bound.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "planner/linear_program.h"

namespace bulkhead::planner {
namespace {

constexpr std::size_t kCellsMax = 8'000'000;
constexpr int kStepsMax = 20'000;
constexpr double kRounding = 1e-6;
constexpr double kGpuRounding = 1e-2;

using Variables = std::vector<std::vector<int>>;  // -1: there is none

struct Program {
  LinearProgram linear;
  Variables patterns;  // [pool][pattern]
  Variables taken;     // [class][choice]
  double gpu_cost = 0;
};

int AddVariable(LinearProgram& program, double gain) {
  program.gain.push_back(gain);
  return static_cast<int>(program.gain.size() - 1);
}

std::size_t RowOf(LinearProgram& program, std::map<std::pair<int, int>, std::size_t>& rows,
                  const Choice& choice) {
  const auto [found, fresh] = rows.try_emplace({choice.kind, choice.profile}, program.rows.size());
  if (fresh) {
    program.rows.emplace_back();
    program.limits.push_back(0);
  }
  return found->second;
}

class Builder {
 public:
  explicit Builder(const PackingBins& bins) {
    std::size_t gpus = 0;
    for (const Pool& pool : bins.pools) gpus += pool.gpus.size();
    // All GPUs together cost less than half of the least weight, which is 1.
    program_.gpu_cost = 0.5 / static_cast<double>(gpus + 1);
    for (const Class& one : bins.classes) AddClass(one);
    for (const Pool& pool : bins.pools) AddPool(pool);
  }

  Program Take() { return std::move(program_); }

 private:
  LinearProgram& Linear() { return program_.linear; }

  // At most as many as there are; each takes one of what its choice supplies.
  void AddClass(const Class& one) {
    std::vector<LinearProgram::Term> members;
    program_.taken.emplace_back();
    for (const Choice& choice : one.choices) {
      const int variable = AddVariable(Linear(), static_cast<double>(one.weight));
      program_.taken.back().push_back(variable);
      members.push_back({static_cast<std::size_t>(variable), 1});
      Linear().rows[RowOf(Linear(), supplies_, choice)].push_back(members.back());
    }
    Linear().rows.push_back(std::move(members));
    Linear().limits.push_back(static_cast<double>(one.members.size()));
  }

  // Each GPU of the pool has one pattern, which supplies its instances.
  void AddPool(const Pool& pool) {
    std::vector<LinearProgram::Term> gpus;
    program_.patterns.emplace_back();
    const int patterns = pool.whole ? 2 : pool.patterns->size();
    for (int pattern = 0; pattern < patterns; ++pattern) {
      program_.patterns.back().push_back(-1);
      const bool maximal = pool.whole ? pattern == 1 : pool.patterns->Maximal(pattern);
      if (!maximal) continue;  // another one supplies all that it does
      const int variable = AddVariable(Linear(), pool.in_use ? 0 : -program_.gpu_cost);
      program_.patterns.back().back() = variable;
      gpus.push_back({static_cast<std::size_t>(variable), 1});
      Supply(pool, pattern, static_cast<std::size_t>(variable));
    }
    Linear().rows.push_back(std::move(gpus));
    Linear().limits.push_back(static_cast<double>(pool.gpus.size()));
  }

  void Supply(const Pool& pool, int pattern, std::size_t variable) {
    if (pool.whole) {
      Linear().rows[RowOf(Linear(), supplies_, {pool.kind, kWholeGpu})].push_back({variable, -1});
      return;
    }
    const std::vector<int>& counts = pool.patterns->Counts(pattern);
    for (std::size_t profile = 0; profile < counts.size(); ++profile) {
      if (counts[profile] == 0) continue;
      const std::size_t row = RowOf(Linear(), supplies_, {pool.kind, static_cast<int>(profile)});
      Linear().rows[row].push_back({variable, -static_cast<double>(counts[profile])});
    }
  }

  Program program_;
  std::map<std::pair<int, int>, std::size_t> supplies_;
};

std::vector<std::vector<int>> RoundedDown(const Variables& variables,
                                          const std::vector<double>& values) {
  std::vector<std::vector<int>> rounded;
  for (const std::vector<int>& row : variables) {
    rounded.emplace_back();
    for (const int variable : row) {
      const double value = variable < 0 ? 0 : values[static_cast<std::size_t>(variable)];
      rounded.back().push_back(static_cast<int>(std::floor(value + kRounding)));
    }
  }
  return rounded;
}

int64_t TotalWeight(const PackingBins& bins) {
  int64_t total = 0;
  for (const Class& one : bins.classes) {
    total += one.weight * static_cast<int64_t>(one.members.size());
  }
  return total;
}

}  // namespace

FractionalPlan PlanFractions(const PackingBins& bins) {
  const Program program = Builder(bins).Take();
  const int64_t total = TotalWeight(bins);
  FractionalPlan plan{.weight_bound = total, .gpus_bound = 0, .patterns = {}, .taken = {}};
  const std::size_t rows = program.linear.rows.size() + 1;
  const bool solve = rows * (rows + program.linear.gain.size()) <= kCellsMax;
  const LinearSolution solution = solve ? Maximise(program.linear, kStepsMax) : LinearSolution{};
  const std::vector<double> values =
      solve ? solution.values : std::vector<double>(program.linear.gain.size());
  plan.patterns = RoundedDown(program.patterns, values);
  plan.taken = RoundedDown(program.taken, values);
  if (!solution.optimal) return plan;
  plan.weight_bound =
      std::min(total, static_cast<int64_t>(std::floor(solution.gain + 0.5 + kRounding)));
  if (plan.weight_bound == total) {
    const double gpus = (static_cast<double>(total) - solution.gain) / program.gpu_cost;
    plan.gpus_bound = std::max(0, static_cast<int>(std::ceil(gpus - kGpuRounding)));
  }
  return plan;
}

}  // namespace bulkhead::planner
