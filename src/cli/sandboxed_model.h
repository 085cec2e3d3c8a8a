// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "cli/detect.h"
#include "cli/opened_model.h"

namespace bulkhead::cli {

// Opens the model in a worker of its own, in a compartment on this machine. A worker that a picture
// ends is replaced for the next picture. No byte of the model or of a picture is parsed in this
// process.
//
// kUnavailable: the worker or a layer of isolation cannot be had; the detail says what to do.
// kUnsupported: a provider that needs a GPU. Otherwise the errors of OpenInProcess, as the worker
// reports them.
base::Result<OpenedModel> OpenSandboxed(const DetectArguments& arguments,
                                        const OpenDriver& open_driver);

}  // namespace bulkhead::cli
