// SPDX-License-Identifier: Apache-2.0
#include "device/known_model.h"

#include <algorithm>

namespace bulkhead::device {

void NameModel(const std::string& product, uint32_t pci_id, mig::GpuModel& model) {
  model.product = product;
  model.name = product;
  model.pci_ids = {pci_id};
  for (const mig::GpuModel& known : mig::GpuModels()) {
    if (std::ranges::count(known.pci_ids, pci_id) == 0) continue;
    model.name = known.name;
    model.word = known.word;
    model.multiprocessors = known.multiprocessors;
    model.engines = known.engines;
  }
}

}  // namespace bulkhead::device
