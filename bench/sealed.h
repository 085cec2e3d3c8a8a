// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "bench_result.h"
#include "bench_worker.h"

namespace bulkhead::bench {

// Bytes a second of one core that a sealed model opens with, of those that `openssl speed` says of
// AES-256-GCM in blocks of a segment. Throws.
BenchResult UnsealVsOpenssl();

// A worker that is ready from a sealed file, of one that is ready from the plain file. Throws.
BenchResult SealedStartRatio(Compartments& compartments, const std::filesystem::path& model);

}  // namespace bulkhead::bench
