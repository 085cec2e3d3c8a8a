// SPDX-License-Identifier: Apache-2.0
// What a worker is started from, for as long as it may be started again.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "seal/sealed_header.h"

namespace bulkhead::node {

// A sealed model and a setup as a client handed them over, unread. No plaintext is kept: each start
// unseals anew (sealing.h).
struct SealedModel {
  seal::SealedName name;                 // what the file must be
  std::shared_ptr<base::UniqueFd> file;  // shared with an unsealing that is under way
  std::vector<std::byte> setup;
};

// `setup` is a memfd; `file` is not touched, which could block.
//
// kInvalid: the setup is no memfd, or empty. kExhausted: it has over channel::kSetupBytesMax bytes.
// kCorrupt: it shrank meanwhile.
base::Result<SealedModel> TakeSealedModel(seal::SealedName name, base::UniqueFd file,
                                          const base::UniqueFd& setup);

// The size of a memfd. A file system that answers late or never could hold up the node; memory
// cannot. kInvalid: something else, or empty. kExhausted: over `bytes_max`.
base::Result<std::size_t> MemfdBytes(int fd, std::size_t bytes_max);

}  // namespace bulkhead::node
