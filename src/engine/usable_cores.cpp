// SPDX-License-Identifier: Apache-2.0
#include "engine/usable_cores.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <vector>

#include <sched.h>

namespace bulkhead::engine {

int UsableCores() {
  // The kernel refuses a mask smaller than its own, so grow until it fits (sched_getaffinity(2)).
  for (std::size_t sets = 1; sets <= 64; sets *= 2) {
    std::vector<cpu_set_t> mask(sets);
    const std::size_t mask_bytes = sets * sizeof(cpu_set_t);
    if (sched_getaffinity(0, mask_bytes, mask.data()) == 0) {
      return std::max(1, CPU_COUNT_S(mask_bytes, mask.data()));
    }
    if (errno != EINVAL) break;
  }
  return 1;
}

}  // namespace bulkhead::engine
