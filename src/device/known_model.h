// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "mig/gpu_model.h"

namespace bulkhead::device {

// Gives a model that a driver described its product and PCI id, and what only tables know of it:
// the name, the word and the engines of the whole GPU. Of one that no table has the name is the
// product.
void NameModel(const std::string& product, uint32_t pci_id, mig::GpuModel& model);

}  // namespace bulkhead::device
