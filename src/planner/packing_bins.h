// SPDX-License-Identifier: Apache-2.0
// The fleet and the deployments as packing sees them: GPUs that are alike are one pool, and
// deployments that are alike one class.
#pragma once

#include <memory>
#include <vector>

#include "planner/packing.h"
#include "planner/pattern_graph.h"

namespace bulkhead::planner {

// GPUs of one kind and state. A GPU that is not cut has one profile, which is all of it.
struct Pool {
  int kind = 0;
  bool whole = false;
  bool in_use = false;  // holds something already
  std::vector<int> gpus;
  std::shared_ptr<const PatternGraph> patterns;  // of a whole GPU: none
};

struct Class {
  std::vector<Choice> choices;  // those that separate enough and exist
  int64_t weight = 1;
  int units = 0;  // of the largest choice, in 1/240 of its GPU: what packs badly is large
  std::vector<int> members;  // indexes of deployments
};

struct PackingBins {
  std::vector<Pool> pools;
  std::vector<Class> classes;  // the largest first, of those the one with the fewest choices
};

PackingBins MakeBins(const GpuFleet& fleet, const std::vector<Wanted>& wanted);

// What each GPU of the fleet is to get. Patterns are of the GPU's pool; a whole GPU has 0 or 1.
class BinPlan {
 public:
  explicit BinPlan(const PackingBins& bins);

  // The pattern with one more; -1: it does not fit.
  [[nodiscard]] int Add(int pool, int pattern, const Choice& choice) const;
  [[nodiscard]] int Pattern(int pool, std::size_t at) const;
  // Counts it in; it must fit.
  void Put(int item_class, const Choice& choice, int pool, std::size_t at);

  [[nodiscard]] int64_t weight() const { return weight_; }
  [[nodiscard]] int gpus() const { return gpus_; }
  // How many of the class have no place yet.
  [[nodiscard]] int Left(int item_class) const;

  // With starts, and deployments in the order in which they came.
  [[nodiscard]] Packing Realise(const GpuFleet& fleet, std::size_t deployments) const;

 private:
  struct Item {
    int item_class;
    Choice choice;
  };
  struct Bin {
    int pattern = 0;
    std::vector<Item> put;
  };
  const PackingBins* bins_;
  std::vector<std::vector<Bin>> filled_;  // [pool][GPU of the pool]
  std::vector<int> left_;
  int64_t weight_ = 0;
  int gpus_ = 0;
};

}  // namespace bulkhead::planner
