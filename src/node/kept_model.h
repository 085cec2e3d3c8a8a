// SPDX-License-Identifier: Apache-2.0
// What a worker is started from, for as long as it may be started again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"

namespace bulkhead::node {

enum class Starts : uint8_t { kOne, kMany };

// A model and a setup as a client handed them over, unread. Move only; one thread at a time.
class KeptModel {
 public:
  // Takes two memfds. For many starts it makes a copy of the model, which the kernel moves from one
  // to the other; the copy is locked in memory where the limits allow it, left out of core dumps,
  // and wiped when this is destroyed.
  //
  // kInvalid: not a memfd, or empty. kExhausted: a model over `model_bytes_max` or 2 GiB, a setup
  // over channel::kSetupBytesMax, or no memory. kCorrupt: it shrank meanwhile.
  static base::Result<KeptModel> Take(base::UniqueFd model, base::UniqueFd setup, Starts starts,
                                      int64_t model_bytes_max);

  // A memfd for one start, which the worker wipes: the client's own for the first, then copies of
  // the copy. kConflict: kept for one start, and that has been. kExhausted: no memory.
  base::Result<base::UniqueFd> TakeWeights();

  [[nodiscard]] const std::vector<std::byte>& setup() const { return setup_; }

 private:
  KeptModel() = default;

  base::UniqueFd first_;
  base::UniqueFd copy_;
  base::SecretBytes copy_in_memory_;  // the same pages
  std::vector<std::byte> setup_;
};

}  // namespace bulkhead::node
