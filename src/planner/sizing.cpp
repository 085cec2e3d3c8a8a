// SPDX-License-Identifier: Apache-2.0
#include "planner/sizing.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "mig/gpu_model.h"
#include "planner/byte_text.h"
#include "planner/saturating.h"

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

uint64_t NeededBytes(const SizingInput& input) {
  return AddSaturated(AddSaturated(input.weights_bytes, input.peak_activation_bytes),
                      kEngineOverheadBytes);
}

std::string NeedText(const SizingInput& input) {
  return fmt::format("It needs {}: weights {}, activations {}, engine {}.",
                     ByteText(NeededBytes(input)), ByteText(input.weights_bytes),
                     ByteText(input.peak_activation_bytes), ByteText(kEngineOverheadBytes));
}

// What a compartment can be given of a GPU.
struct Share {
  std::string name;
  int slices = 0;
  int units = 0;
  uint64_t memory_bytes = 0;
  bool decodes = false;
  bool observed = true;
};

bool Decodes(const mig::Engines& engines) { return engines.jpeg > 0 && engines.decoders > 0; }

// The smallest first. An instance with the media engines of others is offered only for them, and
// one with all of them never: beside it nothing else would have any.
std::vector<Share> SharesOf(const mig::GpuModel& gpu, const SizingInput& input) {
  if (!gpu.mig()) {
    return {{"gpu", 0, 0, gpu.memory_mib * kMib, Decodes(gpu.engines), gpu.observed}};
  }
  std::vector<Share> shares;
  for (const mig::Profile& profile : gpu.profiles) {
    const bool usual = profile.media == mig::Media::kUsual;
    const bool added = profile.media == mig::Media::kAdded && input.decodes_on_device;
    if (profile.graphics || (!usual && !added)) continue;
    shares.push_back({profile.name, profile.slices, profile.units, profile.memory_mib * kMib,
                      Decodes(profile.engines), profile.observed});
  }
  return shares;
}

struct Need {
  int slices;
  uint64_t memory_bytes;
  bool decoding;
};

const Share* Smallest(const std::vector<Share>& shares, const Need& need) {
  const auto found = std::ranges::find_if(shares, [&](const Share& share) {
    return share.slices >= need.slices && share.memory_bytes >= need.memory_bytes &&
           (share.decodes || !need.decoding);
  });
  return found == shares.end() ? nullptr : &*found;
}

std::string WhyNothing(const Share& largest, const Need& need) {
  if (largest.memory_bytes >= need.memory_bytes) {
    return "Nothing fits: it has no engines that decode pictures and video.";
  }
  return fmt::format("Nothing fits: the whole of it has {}.", ByteText(largest.memory_bytes));
}

// Why it is more than what the floor gives.
void AppendRaises(const std::vector<Share>& shares, const Need& need, const Share& chosen,
                  std::vector<std::string>& reasons) {
  const Share& floor = *Smallest(shares, {need.slices, 0, false});
  const Share& enough = *Smallest(shares, {need.slices, need.memory_bytes, false});
  if (&chosen != &enough) {
    reasons.push_back(
        fmt::format("Not {}, whose engines do not decode pictures and video.", enough.name));
  }
  if (&enough == &floor) return;
  reasons.push_back(fmt::format("Raised from {}, whose {} are too little.", floor.name,
                                ByteText(floor.memory_bytes)));
  const auto like = std::ranges::find_if(shares, [&](const Share& share) {
    return share.units == chosen.units && share.slices > chosen.slices;
  });
  if (chosen.slices == floor.slices && like != shares.end()) {
    reasons.push_back(
        fmt::format("It has the memory of {}, and leaves compute to others.", like->name));
  }
}

Recommendation Recommend(const mig::GpuModel& gpu, const Floor& floor, const SizingInput& input) {
  Recommendation out;
  out.gpu = gpu.name;
  out.needed_memory_bytes = NeededBytes(input);
  const Need need{gpu.mig() ? floor.slices : 0, out.needed_memory_bytes, input.decodes_on_device};
  const std::vector<Share> shares = SharesOf(gpu, input);
  const Share* const chosen = Smallest(shares, need);
  if (chosen == nullptr) {
    out.reasons = {WhyNothing(shares.back(), need), NeedText(input)};
    return out;
  }
  out.profile = chosen->name;
  out.profile_memory_bytes = chosen->memory_bytes;
  if (!gpu.mig()) out.reasons.emplace_back("It has no MIG: a compartment takes the whole GPU.");
  AppendRaises(shares, need, *chosen, out.reasons);
  if (gpu.mig()) out.reasons.push_back(floor.reason);
  const Share& at_floor = *Smallest(shares, {need.slices, 0, false});
  if (gpu.mig() && at_floor.slices > floor.slices) {
    out.reasons.push_back(fmt::format("The next profile above {} here is {}.",
                                      SliceWord(floor.slices), at_floor.name));
  }
  out.reasons.push_back(NeedText(input));
  if (!chosen->observed) {
    out.reasons.emplace_back("Its memory is derived and not yet seen on a device.");
  }
  return out;
}

}  // namespace

std::vector<Recommendation> RecommendProfiles(const SizingInput& input) {
  const Floor floor = FindFloor(input);
  std::vector<Recommendation> out;
  for (const mig::GpuModel& gpu : mig::GpuModels()) {
    out.push_back(Recommend(gpu, floor, input));
  }
  return out;
}

}  // namespace bulkhead::planner
