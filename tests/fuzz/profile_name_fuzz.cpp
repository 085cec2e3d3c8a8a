// SPDX-License-Identifier: Apache-2.0
// Any text: what parses as a name or as a resource is written back as the same text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "mig/gpu_model.h"
#include "mig/profile_name.h"

namespace mig = bulkhead::mig;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto name = mig::ParseProfileName(text);
  if (name.ok()) BH_CHECK(mig::FormatProfileName(name.value()) == text);
  const auto resource = mig::ParseResourceName(text);
  if (resource.ok()) BH_CHECK(mig::FormatResourceName(resource.value()) == text);
  for (const mig::GpuModel& model : mig::GpuModels()) {
    BH_CHECK(mig::FindProfile(model, text) < static_cast<int>(model.profiles.size()));
  }
  return 0;
}
