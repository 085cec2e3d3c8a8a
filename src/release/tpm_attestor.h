// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <set>

#include "base/result.h"
#include "base/unique_fd.h"
#include "release/attestor.h"

namespace bulkhead::release {

// Evidence of a TPM 2.0: a quote of those registers, from 0 to 23, by a key that the TPM makes of
// its owner's seed, always the same one until the TPM is cleared. The owner's password is empty, as
// TPMs come.
//
// `device` takes whole commands and gives whole answers: /dev/tpmrm0, or a connection to swtpm.
std::unique_ptr<Attestor> MakeTpmAttestor(base::UniqueFd device, std::set<uint32_t> pcrs);

// kNotFound: there is no such device. kDenied: it may not be opened.
base::Result<std::unique_ptr<Attestor>> OpenTpmAttestor(const std::filesystem::path& device,
                                                        std::set<uint32_t> pcrs);

}  // namespace bulkhead::release
