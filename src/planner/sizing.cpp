// SPDX-License-Identifier: Apache-2.0
#include "planner/sizing.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "planner/byte_text.h"
#include "planner/gpu_kind.h"

namespace bulkhead::planner {
namespace {

constexpr uint64_t kMib = uint64_t{1} << 20;

struct Floor {
  int slices;
  std::string reason;
};

std::string_view SliceWord(int slices) {
  return slices == 1 ? "one slice" : slices == 2 ? "two slices" : "three slices";
}

int FloorOfSize(std::string_view size) {
  if (size == "n" || size == "t") return 1;
  return size == "s" ? 2 : 3;
}

Floor FloorByParameters(uint64_t parameters) {
  int slices = 3;
  if (parameters <= kSmallSizeParametersMax) slices = 2;
  if (parameters <= kSmallestSizeParametersMax) slices = 1;
  return {slices, fmt::format("Size unknown; {:.1f} million parameters start at {}.",
                              static_cast<double>(parameters) / 1e6, SliceWord(slices))};
}

Floor FindFloor(const SizingInput& input) {
  if (input.family == "YOLOv10") {
    return {3, fmt::format("Every YOLOv10 starts at {}.", SliceWord(3))};
  }
  if (input.size.empty()) return FloorByParameters(input.parameters);
  const int slices = FloorOfSize(input.size);
  const std::string sizes = slices == 3 ? "Size m and up start" : "Size " + input.size + " starts";
  return {slices, fmt::format("{} at {}.", sizes, SliceWord(slices))};
}

uint64_t AddSaturated(uint64_t a, uint64_t b) {
  return a > std::numeric_limits<uint64_t>::max() - b ? std::numeric_limits<uint64_t>::max()
                                                      : a + b;
}

uint64_t NeededBytes(const SizingInput& input) {
  return AddSaturated(AddSaturated(input.weights_bytes, input.peak_activation_bytes),
                      kEngineOverheadBytes);
}

std::string NeedText(const SizingInput& input) {
  return fmt::format("It needs {}: weights {}, activations {}, engine {}.",
                     ByteText(NeededBytes(input)), ByteText(input.weights_bytes),
                     ByteText(input.peak_activation_bytes), ByteText(kEngineOverheadBytes));
}

Recommendation Recommend(const GpuKind& kind, const Floor& floor, const SizingInput& input) {
  Recommendation out;
  out.gpu = kind.name;
  out.needed_memory_bytes = NeededBytes(input);
  const auto starts = [&](const Profile& p) { return !kind.mig || p.slices >= floor.slices; };
  const auto fits = [&](const Profile& p) {
    return p.memory_mib * kMib >= out.needed_memory_bytes;
  };
  const auto at_floor = std::find_if(kind.profiles.begin(), kind.profiles.end(), starts);
  const auto chosen = std::find_if(at_floor, kind.profiles.end(), fits);
  if (chosen == kind.profiles.end()) {
    const Profile& largest = kind.profiles.back();
    out.reasons = {
        fmt::format("Nothing fits: the whole of it has {}.", ByteText(largest.memory_mib * kMib)),
        NeedText(input)};
    return out;
  }
  out.profile = chosen->name;
  out.profile_memory_bytes = chosen->memory_mib * kMib;
  if (!kind.mig) out.reasons.emplace_back("It has no MIG: a compartment takes the whole GPU.");
  if (chosen != at_floor) {
    out.reasons.push_back(fmt::format("Raised from {}, whose {} are too little.", at_floor->name,
                                      ByteText(at_floor->memory_mib * kMib)));
  }
  if (kind.mig) out.reasons.push_back(floor.reason);
  if (kind.mig && at_floor->slices > floor.slices) {
    out.reasons.push_back(fmt::format("The next profile above {} here is {}.",
                                      SliceWord(floor.slices), at_floor->name));
  }
  out.reasons.push_back(NeedText(input));
  if (!kind.memory_observed) {
    out.reasons.emplace_back("Its memory is taken from its name and not yet seen on a device.");
  }
  return out;
}

}  // namespace

std::vector<Recommendation> RecommendProfiles(const SizingInput& input) {
  const Floor floor = FindFloor(input);
  std::vector<Recommendation> out;
  for (const GpuKind& kind : GpuKinds()) out.push_back(Recommend(kind, floor, input));
  return out;
}

}  // namespace bulkhead::planner
