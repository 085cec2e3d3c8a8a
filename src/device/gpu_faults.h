// SPDX-License-Identifier: Apache-2.0
// What a critical error of a GPU (XID) means for what runs on it. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "device/gpu_driver.h"

namespace bulkhead::device {

// Whether a program can cause it by itself, without a fault of the hardware or the driver: NVIDIA's
// "XID Errors" lists these with an application as the likely cause (13, 31, 43, 45, 68, 69). All
// others, known or not, mean that the GPU is not to be trusted until somebody has looked.
bool IsOfProgram(uint64_t xid);

// "XID 48 on GPU-..., instance 7"
std::string Describe(const GpuFault& fault);

}  // namespace bulkhead::device
