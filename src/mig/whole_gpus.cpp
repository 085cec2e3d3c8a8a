// SPDX-License-Identifier: Apache-2.0
#include "mig/model_tables.h"

namespace bulkhead::mig {

// Memory: the total that PyTorch names when it runs out, 14.56 and 21.95 GiB.
std::vector<GpuModel> ModelsWithoutMig() {
  return {{.name = "T4",
           .product = "Tesla T4",
           .word = "t4",
           .pci_ids = {0x1EB810DE},
           .memory_mib = 14909,
           .multiprocessors = 40,
           .profiles = {},
           .engines = {3, 2, 1, 0, 0}},
          {.name = "L4",
           .product = "NVIDIA L4",
           .word = "l4",
           .pci_ids = {0x27B810DE},
           .memory_mib = 22476,
           .multiprocessors = 58,
           .profiles = {},
           .engines = {2, 4, 2, 4, 1}}};
}

}  // namespace bulkhead::mig
