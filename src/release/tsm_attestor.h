// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "release/attestor.h"

namespace bulkhead::release {

// Where Linux 6.7 and newer make reports of a confidential machine (TDX, SEV-SNP):
// Documentation/ABI/testing/configfs-tsm.
struct TsmPlace {
  std::filesystem::path reports = "/sys/kernel/config/tsm/report";
  std::string name = "bulkhead";  // of the folder that is made there, and kept
};

// Reports for the nonce, which is the first 32 of the report's 64 bytes of user data; the rest are
// zeros. Nothing here checks such a report (tpm_quote.h), so that nothing is released for one.
//
// Attest: kUnavailable as well where another process uses the same folder at the same time.
// kNotFound: this is no such machine.
std::unique_ptr<Attestor> MakeTsmAttestor(TsmPlace place);

}  // namespace bulkhead::release
