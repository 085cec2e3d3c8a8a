// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox_driver.h"

#include "isolation/layered.h"

namespace bulkhead::isolation {

std::unique_ptr<IsolationDriver> MakeSandboxDriver(SandboxOptions options) {
  return MakeLayeredDriver({.layers = LayerSet::All(),
                            .owner = std::move(options.owner),
                            .first_id = options.first_id,
                            .id_count = options.id_count,
                            .withheld = options.withheld});
}

}  // namespace bulkhead::isolation
