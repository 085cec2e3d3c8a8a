// SPDX-License-Identifier: Apache-2.0
// Any text: what is read is written back to the same, and what is placed on a machine with one GPU
// of each model is legal.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "migparted/import.h"

namespace mig = bulkhead::mig;
namespace migparted = bulkhead::migparted;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = migparted::ParseDocument(text);
  if (!document.ok()) return 0;
  const auto written = migparted::FormatDocument(document.value());
  BH_CHECK(written.ok());
  // Longer than what was read by no more than what aliases stood for.
  const auto again = migparted::ParseDocument(written.value());
  if (written.value().size() < (1U << 17))
    BH_CHECK(again.ok() && again.value() == document.value());

  std::vector<migparted::Gpu> gpus;
  for (const mig::GpuModel& model : mig::GpuModels()) {
    gpus.push_back({&model, model.pci_ids.front(), std::nullopt});
  }
  for (const migparted::Config& config : document.value().configs) {
    const auto placed = migparted::PlaceConfig(config, gpus);
    if (!placed.ok()) continue;
    for (const migparted::GpuLayout& layout : placed.value().gpus) {
      BH_CHECK(mig::IsLegal(*gpus[static_cast<size_t>(layout.gpu)].model, layout.instances));
      BH_CHECK(layout.mig_enabled || layout.instances.empty());
    }
    BH_CHECK(migparted::ExportConfig(config.name, gpus, placed.value().gpus).ok());
  }
  return 0;
}
