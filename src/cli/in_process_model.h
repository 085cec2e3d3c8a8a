// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "cli/detect.h"
#include "cli/opened_model.h"

namespace bulkhead::cli {

// Opens the model in this process: no isolation. Errors are those of base::ReadFile, the engine and
// worker::Detector::Open.
base::Result<OpenedModel> OpenInProcess(const DetectArguments& arguments,
                                        const OpenEngine& open_engine);

}  // namespace bulkhead::cli
