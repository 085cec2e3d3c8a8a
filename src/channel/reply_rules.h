// SPDX-License-Identifier: Apache-2.0
// What a reply may say, given the model and what was asked for.
#pragma once

#include "base/result.h"
#include "channel/messages.h"

namespace bulkhead::channel {

// kCorrupt, and the detail names the rule, unless all of this holds:
// - the picture's sides are 1 to kImageSideMax; step times 0 to kStepTimeMax; the batch 1 to
//   hello.batch_max
// - detections are at most options.detections_max, by falling score above options.confidence_min,
//   of classes that the model has and that were asked for
// - every number is finite
// - boxes (not those of obb, which may reach over the edge), keypoints and masks lie in the picture
// - classification: every class once, by falling score, and no detection
base::Status CheckReply(const Hello& hello, const yolo::DetectOptions& options,
                        const DetectReply& reply);

}  // namespace bulkhead::channel
