// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"

namespace bulkhead::engine {

// Names one file, and then nothing else is tried: set by whoever starts a worker, who has found the
// library before and shows the worker just that.
constexpr const char* kOnnxRuntimeFileVariable = "BULKHEAD_ONNXRUNTIME";

// Published builds from 1.29 on report their use to their maker: they keep a device id and a
// database in the user's home, look up the machine id and open connections (microsoft/onnxruntime,
// pull requests 27379 and 29843). With this variable at 1, which LoadOnnxRuntime sets, they do none
// of it.
constexpr const char* kNoTelemetryVariable = "ORT_DISABLE_TELEMETRY";

// Places where the ONNX Runtime library is looked for, in order: the variable above,
// $ONNXRUNTIME_ROOT/lib (and nothing
// else when that is set: a chosen library is never replaced silently), the file found at build
// time, lib/ beside the program's own folder, and the names the system's loader knows.
std::vector<std::filesystem::path> OnnxRuntimeCandidates();

// Loads the first candidate that is a shared library with the function OrtGetApiBase, and returns
// that function's address. The library stays loaded until the process ends. Sets
// kNoTelemetryVariable, so call it before other threads read the environment.
//
// kUnavailable: none of them loads; the detail says what was tried and what to do.
base::Result<void*> LoadOnnxRuntime(const std::vector<std::filesystem::path>& candidates);

// Loads it from the usual places and says which file it is, without symbolic links.
// kUnavailable: none of them loads.
base::Result<std::filesystem::path> FindOnnxRuntime();

}  // namespace bulkhead::engine
