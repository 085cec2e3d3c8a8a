// SPDX-License-Identifier: Apache-2.0
// The body of `bulkhead model inspect`: what a model is, what it costs, and which partition it
// should have on each GPU.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/model_sizing.h"
#include "model/model_card.h"
#include "planner/sizing.h"

namespace bulkhead::cli {

// A table of at most 96 columns for a terminal. Text from the file is escaped.
std::string RenderCardTable(const model::ModelCard& card,
                            const std::vector<planner::Recommendation>& recommendations);

// The same with every class name, every batch and every reason; sizes in bytes. Text from the file
// is as written, with U+FFFD for bytes that are not UTF-8. Dynamic dimensions are -1, and a GPU on
// which nothing fits has "profile": null.
nlohmann::json CardJson(const model::ModelCard& card,
                        const std::vector<planner::Recommendation>& recommendations);

}  // namespace bulkhead::cli
