// SPDX-License-Identifier: Apache-2.0
// The GPUs of a machine as a file (docs/formats/gpu_inventory.md): written where they are, read
// where they are simulated.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "device/gpu.h"

namespace bulkhead::device {

std::string FormatInventory(std::span<const Gpu> gpus);

// kCorrupt: not such a file, or one that describes what no driver allows; the detail says where.
base::Result<std::vector<Gpu>> ParseInventory(std::string_view text);

// ParseInventory of a file; the path is in the detail. Errors of base::ReadFile.
base::Result<std::vector<Gpu>> ReadInventory(const std::filesystem::path& path);

}  // namespace bulkhead::device
