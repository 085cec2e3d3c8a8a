// SPDX-License-Identifier: Apache-2.0
#include "mig/eight_unit_part.h"
#include "mig/model_tables.h"

namespace bulkhead::mig {
namespace {

// Engines and counts are of NVIDIA's guide; 18 multiprocessors a slice were seen of 1g. Ids and
// places are those of the other parts of eight units. Memory: seven eighths of the name in GiB,
// which every profile that was seen anywhere reaches.
GpuModel B200() {
  return {.name = "B200",
          .product = "NVIDIA B200",
          .word = "b200",
          .pci_ids = {0x290110DE},
          .observed = false,
          .units = 8,
          .memory_mib = 183359,
          .multiprocessors = 148,
          .profiles = EightUnitProfiles({{{"1g.23gb", 20608, 18, {2, 1, 0, 1, 0}, false},
                                          {"1g.23gb+me", 20608, 18, {2, 1, 0, 1, 1}, false},
                                          {"1g.45gb", 40320, 18, {2, 1, 0, 1, 0}, false},
                                          {"2g.45gb", 40320, 36, {3, 1, 0, 1, 0}, false},
                                          {"3g.90gb", 80640, 54, {6, 1, 0, 1, 0}, false},
                                          {"4g.90gb", 80640, 72, {8, 1, 0, 1, 0}, false},
                                          {"7g.180gb", 161280, 126, {16, 1, 0, 1, 1}, false}}}),
          .engines = {16, 1, 0, 1, 1}};
}

struct Rtx6000Size {
  int slices;
  std::vector<int> starts;
  uint64_t memory_mib;
  int multiprocessors;
  Engines usual;
};

struct Rtx6000Kind {
  const char* name;
  int id;
  Media media;
  bool graphics;
};

Engines EnginesOf(const Engines& usual, Media media) {
  switch (media) {
    case Media::kUsual:
      return usual;
    case Media::kAdded:
      return {usual.copy, usual.decoders, usual.encoders, usual.jpeg, 1};
    case Media::kAll:
      return {usual.copy, 4, 4, 4, 1};
    case Media::kNone:
      return {usual.copy, 0, 0, 0, 0};
  }
  return usual;
}

void Append(const Rtx6000Size& size, const std::vector<Rtx6000Kind>& kinds,
            std::vector<Profile>& out) {
  for (const Rtx6000Kind& kind : kinds) {
    const bool once = kind.media == Media::kAdded || kind.media == Media::kAll;
    out.push_back({.name = kind.name,
                   .id = kind.id,
                   .slices = size.slices,
                   .units = 3 * size.slices,
                   .starts = size.starts,
                   .count_max = once ? 1 : static_cast<int>(size.starts.size()),
                   .media = kind.media,
                   .graphics = kind.graphics,
                   .memory_mib = size.memory_mib,
                   .multiprocessors = size.multiprocessors,
                   .engines = EnginesOf(size.usual, kind.media)});
  }
}

// Twelve units of which a slice takes three. Memory is the server edition's in a virtual machine.
GpuModel RtxPro6000() {
  GpuModel model{.name = "RTX PRO 6000",
                 .product = "NVIDIA RTX PRO 6000 Blackwell Server Edition",
                 .word = "rtxpro6000",
                 .pci_ids = {0x2BB510DE},
                 .observed = true,
                 .units = 12,
                 .memory_mib = 97887,
                 .multiprocessors = 188,
                 .profiles = {},
                 .engines = {4, 4, 4, 4, 1}};
  Append({1, {0, 3, 6, 9}, 23680, 46, {1, 1, 1, 1, 0}},
         {{"1g.24gb", 14, Media::kUsual, false},
          {"1g.24gb+gfx", 47, Media::kUsual, true},
          {"1g.24gb+me", 21, Media::kAdded, false},
          {"1g.24gb+me.all", 65, Media::kAll, false},
          {"1g.24gb-me", 67, Media::kNone, false}},
         model.profiles);
  Append({2, {0, 6}, 47616, 94, {2, 2, 2, 2, 0}},
         {{"2g.48gb", 5, Media::kUsual, false},
          {"2g.48gb+gfx", 35, Media::kUsual, true},
          {"2g.48gb+me.all", 64, Media::kAll, false},
          {"2g.48gb-me", 66, Media::kNone, false}},
         model.profiles);
  Append({4, {0}, 95616, 188, {4, 4, 4, 4, 1}},
         {{"4g.96gb", 0, Media::kUsual, false}, {"4g.96gb+gfx", 32, Media::kUsual, true}},
         model.profiles);
  return model;
}

}  // namespace

std::vector<GpuModel> BlackwellModels() { return {B200(), RtxPro6000()}; }

}  // namespace bulkhead::mig
