// SPDX-License-Identifier: Apache-2.0
// The one JSON form of a result, on the command line and over HTTP.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/json_writer.h"
#include "yolo/detection.h"
#include "yolo/model_spec.h"

namespace bulkhead::report {

// Writes the members of an object that was begun: "width", "height", "detections" or, for
// classification, "classes" by falling score. Coordinates are pixels of the original picture; a
// mask is uncompressed COCO run lengths over the whole picture, column by column, starting with
// background.
void WriteResult(const yolo::ModelSpec& spec, const yolo::ImageResult& result,
                 base::JsonWriter& json);

// An object of the same, for whoever adds to it.
nlohmann::json ResultJson(const yolo::ModelSpec& spec, const yolo::ImageResult& result);

}  // namespace bulkhead::report
