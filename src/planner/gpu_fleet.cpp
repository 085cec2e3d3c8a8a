// SPDX-License-Identifier: Apache-2.0
#include "planner/gpu_fleet.h"

#include <algorithm>

#include "base/check.h"

namespace bulkhead::planner {
namespace {

int StateOf(const OccupancyGraph& graph, const std::vector<Held>& held) {
  std::vector<mig::Instance> instances;
  instances.reserve(held.size());
  for (const Held& one : held) instances.push_back(one.instance);
  return graph.StateOf(instances);
}

bool Exists(const OccupancyGraph& graph, int profile) {
  return profile >= 0 && static_cast<std::size_t>(profile) < graph.model().profiles.size();
}

}  // namespace

GpuFleet::GpuFleet(std::span<const mig::GpuModel* const> models) {
  for (const mig::GpuModel* model : models) {
    BH_CHECK(model != nullptr);
    kinds_.push_back({.states = std::make_shared<const States>(*model),
                      .cut = {},
                      .free_whole = {},
                      .room = std::vector<int64_t>(model->profiles.size())});
  }
}

int GpuFleet::Add(int kind, GpuMode mode) {
  BH_CHECK(mode == GpuMode::kWhole || KindAt(kind).states->graph.model().mig());
  gpus_.push_back({.kind = kind, .mode = mode, .usable = true, .state = 0, .held = {}});
  Enter(size() - 1);
  return size() - 1;
}

bool GpuFleet::Hold(int gpu, const Held& held) {
  const FleetGpu& before = Gpu(gpu);
  const bool whole = held.instance.profile == kWholeGpu;
  if (whole != (before.mode == GpuMode::kWhole)) return false;
  int state = 0;
  if (whole) {
    if (!before.held.empty() || held.instance.start != 0) return false;
  } else {
    if (!Exists(Graph(before.kind), held.instance.profile)) return false;
    std::vector<Held> more = before.held;
    more.push_back(held);
    state = StateOf(Graph(before.kind), more);
    if (state < 0) return false;
  }
  Leave(gpu);
  FleetGpu& changed = gpus_[static_cast<std::size_t>(gpu)];
  changed.held.push_back(held);
  changed.state = state;
  Enter(gpu);
  return true;
}

bool GpuFleet::Release(int gpu, const mig::Instance& instance) {
  const std::vector<Held>& held = Gpu(gpu).held;
  const auto found = std::ranges::find(held, instance, &Held::instance);
  if (found == held.end()) return false;
  Leave(gpu);
  FleetGpu& changed = gpus_[static_cast<std::size_t>(gpu)];
  changed.held.erase(found);
  changed.state = changed.mode == GpuMode::kWhole ? 0 : StateOf(Graph(changed.kind), changed.held);
  BH_CHECK(changed.state >= 0);
  Enter(gpu);
  return true;
}

void GpuFleet::SetUsable(int gpu, bool usable) {
  BH_CHECK(gpu >= 0 && gpu < size());
  Leave(gpu);
  gpus_[static_cast<std::size_t>(gpu)].usable = usable;
  Enter(gpu);
}

void GpuFleet::Enter(int index) {
  const FleetGpu& gpu = Gpu(index);
  if (!gpu.usable) return;
  Kind& kind = kinds_[static_cast<std::size_t>(gpu.kind)];
  if (gpu.mode == GpuMode::kWhole) {
    if (gpu.held.empty()) kind.free_whole.insert(index);
    return;
  }
  kind.cut[gpu.state].insert(index);
  for (std::size_t profile = 0; profile < kind.room.size(); ++profile) {
    kind.room[profile] += kind.states->rooms.Room(gpu.state, static_cast<int>(profile));
  }
}

void GpuFleet::Leave(int index) {
  const FleetGpu& gpu = Gpu(index);
  if (!gpu.usable) return;
  Kind& kind = kinds_[static_cast<std::size_t>(gpu.kind)];
  if (gpu.mode == GpuMode::kWhole) {
    kind.free_whole.erase(index);
    return;
  }
  const auto found = kind.cut.find(gpu.state);
  BH_CHECK(found != kind.cut.end());
  found->second.erase(index);
  if (found->second.empty()) kind.cut.erase(found);
  for (std::size_t profile = 0; profile < kind.room.size(); ++profile) {
    kind.room[profile] -= kind.states->rooms.Room(gpu.state, static_cast<int>(profile));
  }
}

const FleetGpu& GpuFleet::Gpu(int gpu) const {
  BH_CHECK(gpu >= 0 && gpu < size());
  return gpus_[static_cast<std::size_t>(gpu)];
}

const GpuFleet::Kind& GpuFleet::KindAt(int kind) const {
  BH_CHECK(kind >= 0 && kind < kinds());
  return kinds_[static_cast<std::size_t>(kind)];
}

const mig::GpuModel& GpuFleet::Model(int kind) const { return KindAt(kind).states->graph.model(); }

const OccupancyGraph& GpuFleet::Graph(int kind) const { return KindAt(kind).states->graph; }

const RoomTable& GpuFleet::Rooms(int kind) const { return KindAt(kind).states->rooms; }

const GpuFleet::GpusByState& GpuFleet::Cut(int kind) const { return KindAt(kind).cut; }

const std::set<int>& GpuFleet::FreeWhole(int kind) const { return KindAt(kind).free_whole; }

int64_t GpuFleet::Room(int kind, int profile) const {
  const std::vector<int64_t>& room = KindAt(kind).room;
  BH_CHECK(profile >= 0 && static_cast<std::size_t>(profile) < room.size());
  return room[static_cast<std::size_t>(profile)];
}

}  // namespace bulkhead::planner
