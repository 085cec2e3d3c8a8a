// SPDX-License-Identifier: Apache-2.0
// The options of a detection as clients write them: conf, iou, max_det, classes, agnostic.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "openinference/messages.h"
#include "yolo/detection.h"

namespace bulkhead::gateway {

// Texts, as in a query or a form. classes: "0,2". agnostic: "", "1", "true", "0" or "false".
// kInvalid, with a sentence that names the field: a value out of its range. What has no meaning
// here is passed over by the first, which other parameters share, and refused by the second.
base::Result<yolo::DetectOptions> DetectOptionsFrom(const openinference::Parameters& parameters);
base::Result<yolo::DetectOptions> DetectOptionsFrom(
    const std::map<std::string, std::string>& fields);

}  // namespace bulkhead::gateway
