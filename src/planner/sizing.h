// SPDX-License-Identifier: Apache-2.0
// The smallest sufficient partition for a model on each kind of GPU, with the reasons.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bulkhead::planner {

// What a CUDA context, the libraries' code and handles, and the engine's workspace take beside the
// network. An assumption that docs/sizing.md explains, to be replaced by measurement per device.
inline constexpr uint64_t kEngineOverheadBytes = uint64_t{1} << 30;

// Published models leave gaps between the parameter counts of their sizes: n and t models have at
// most 3.4 million, s models 7.2 to 11.8, m models 15.4 and more (docs/sizing.md). The bounds lie
// in the middle of the gaps, as ratios.
inline constexpr uint64_t kSmallestSizeParametersMax = 5'000'000;
inline constexpr uint64_t kSmallSizeParametersMax = 13'500'000;

// What sizing knows of a model; filled from a model card by the caller, so that this stays pure.
struct SizingInput {
  std::string family;  // "YOLOv8", "YOLO11", ...
  std::string size;    // "n", "s", "m", "l", "x", ... or empty when unknown
  uint64_t parameters = 0;
  uint64_t weights_bytes = 0;
  uint64_t peak_activation_bytes = 0;  // at the batch that will be served
  uint64_t input_bytes = 0;
  double flops = 0;  // of one run at that batch
  // Its pictures and video are decoded by engines of the GPU for JPEG and video, not by cores.
  bool decodes_on_device = false;
};

struct Recommendation {
  std::string gpu;      // "A100-40GB", ...
  std::string profile;  // "1g.5gb", ...; "gpu" for a GPU without MIG
  uint64_t profile_memory_bytes = 0;
  uint64_t needed_memory_bytes = 0;
  // Sentences; the first is the one that decided.
  std::vector<std::string> reasons;
};

// One recommendation per model of mig::GpuModels(), in its order. Floor rules (docs/sizing.md): n
// sizes start at the smallest slice, s sizes at two, m and up and every YOLOv10 at three; a floor
// is raised when the estimated memory does not fit, in memory alone where the GPU has such a
// profile, and where the engines that decode are missing. A GPU on which nothing fits has an empty
// profile and says so in its reasons.
std::vector<Recommendation> RecommendProfiles(const SizingInput& input);

}  // namespace bulkhead::planner
