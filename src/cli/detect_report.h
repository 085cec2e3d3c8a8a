// SPDX-License-Identifier: Apache-2.0
// What `bulkhead detect` prints for one picture.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "isolation/layer.h"
#include "worker/detector.h"
#include "yolo/detection.h"
#include "yolo/model_spec.h"

namespace bulkhead::cli {

// A heading line and one row per detection (or per class, the best five), for a terminal.
std::string ResultTable(const std::string& path, const yolo::ModelSpec& spec,
                        const yolo::ImageResult& result, const worker::StepTimes& times);

// report::ResultJson with "path" and "times_ms".
nlohmann::json ResultJson(const std::string& path, const yolo::ModelSpec& spec,
                          const yolo::ImageResult& result, const worker::StepTimes& times);

// What the document says of the model: family, task, classes, input.
nlohmann::json ModelJson(const std::string& path, const yolo::ModelSpec& spec);

// {"sandbox", "layers": [...], "missing": [...]}: the layers of isolation that the model ran
// behind, and those that its compartment could not have.
nlohmann::json CompartmentJson(const isolation::LayerSet& layers);

}  // namespace bulkhead::cli
