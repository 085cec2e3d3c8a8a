// SPDX-License-Identifier: Apache-2.0
#include "worker/detect_batch.h"

#include <utility>

namespace bulkhead::worker {

void DetectBatch(Detector& detector, std::span<const BatchPicture> pictures,
                 const OnOutcome& on_outcome) {
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    auto result = detector.Detect(pictures[i].encoded, *pictures[i].options);
    on_outcome(i, {std::move(result), detector.last_times(), 1});
  }
}

}  // namespace bulkhead::worker
