// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "mig/gpu_model.h"

namespace bulkhead::advice {

// The GPU that a driver calls `product` ("NVIDIA A100-PCIE-40GB"), of which an instance has the
// profile, or "" where a whole one is meant: the one of that product; otherwise the one all of
// whose name's words are in it; otherwise, where the product says no memory, the only one of its
// family with that profile. nullptr: none, or several.
const mig::GpuModel* GpuNamed(std::string_view product, std::string_view profile);

}  // namespace bulkhead::advice
