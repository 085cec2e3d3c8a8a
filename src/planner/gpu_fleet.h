// SPDX-License-Identifier: Apache-2.0
// What the planner knows of all GPUs: who holds what. GPUs of one model in one state are alike for
// placing, so they are kept together: planning looks at states, of which there are some hundred,
// and not at GPUs, of which there may be ten thousand.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "planner/occupancy_graph.h"
#include "planner/room_table.h"

namespace bulkhead::planner {

// In place of a profile: all of a GPU that is not cut.
inline constexpr int kWholeGpu = -1;
// The owner of an instance that is not ours, which stays where it is.
inline constexpr int64_t kForeign = -1;

// The mode is the administrator's; the planner takes it as it is.
enum class GpuMode { kCut, kWhole };

struct Held {
  mig::Instance instance;  // profile kWholeGpu, start 0: the whole GPU
  int64_t owner = kForeign;
  friend bool operator==(const Held&, const Held&) = default;
};

struct FleetGpu {
  int kind = 0;  // index into the fleet's models
  GpuMode mode = GpuMode::kCut;
  bool usable = true;  // false: nothing new is placed here (fenced)
  int state = 0;       // in the graph of its kind
  std::vector<Held> held;
};

// A value: copies are independent, and may be changed to see what would be.
class GpuFleet {
 public:
  using GpusByState = std::map<int, std::set<int>>;

  // The models must outlive the fleet. Without GPUs at first.
  explicit GpuFleet(std::span<const mig::GpuModel* const> models);

  // Its index: GPUs are numbered in the order in which they are added.
  int Add(int kind, GpuMode mode = GpuMode::kCut);
  // False, and nothing changed: it does not fit there. Whether the GPU is usable is not asked, so
  // that what a fenced GPU holds can be told.
  bool Hold(int gpu, const Held& held);
  // False: nobody holds that there.
  bool Release(int gpu, const mig::Instance& instance);
  void SetUsable(int gpu, bool usable);

  [[nodiscard]] int size() const { return static_cast<int>(gpus_.size()); }
  [[nodiscard]] int kinds() const { return static_cast<int>(kinds_.size()); }
  [[nodiscard]] const FleetGpu& Gpu(int gpu) const;
  [[nodiscard]] const mig::GpuModel& Model(int kind) const;
  [[nodiscard]] const OccupancyGraph& Graph(int kind) const;
  [[nodiscard]] const RoomTable& Rooms(int kind) const;

  // Of usable GPUs. Sets are by index, and none is empty.
  [[nodiscard]] const GpusByState& Cut(int kind) const;
  [[nodiscard]] const std::set<int>& FreeWhole(int kind) const;
  // The sum of RoomTable::Room over usable GPUs that are cut.
  [[nodiscard]] int64_t Room(int kind, int profile) const;

 private:
  struct States {
    explicit States(const mig::GpuModel& model) : graph(model), rooms(graph) {}
    OccupancyGraph graph;
    RoomTable rooms;
  };
  struct Kind {
    std::shared_ptr<const States> states;
    GpusByState cut;
    std::set<int> free_whole;
    std::vector<int64_t> room;  // by profile
  };

  void Enter(int gpu);
  void Leave(int gpu);
  [[nodiscard]] const Kind& KindAt(int kind) const;

  std::vector<Kind> kinds_;
  std::vector<FleetGpu> gpus_;
};

}  // namespace bulkhead::planner
