// SPDX-License-Identifier: Apache-2.0
// What a GPU can be cut into, as its driver describes it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bulkhead::mig {

// Who gets the engines for JPEG and optical flow, of which a GPU has few.
enum class Media {
  kUsual,  // what falls to a slice of this size
  kAdded,  // "+me": these too; one such instance per GPU
  kAll,    // "+me.all": all of them; beside it only instances with none
  kNone,   // "-me"
};

struct Engines {
  int copy = 0;
  int decoders = 0;
  int encoders = 0;
  int jpeg = 0;
  int optical_flow = 0;
  friend bool operator==(const Engines&, const Engines&) = default;
};

// A kind of GPU instance. Placements are counted in units, of which a GPU has 4, 8 or 12: the
// driver's own, also called memory slices.
struct Profile {
  std::string name;         // "1g.5gb+me", as the driver or NVIDIA's guide spells it
  int id = 0;               // the driver's, of this device: nvmlGpuInstanceProfileInfo_t.id
  int slices = 0;           // of compute
  int units = 0;            // that each placement takes
  std::vector<int> starts;  // where one may begin, ascending
  int count_max = 0;        // at once on one GPU
  Media media = Media::kUsual;
  bool graphics = false;  // "+gfx"
  uint64_t memory_mib = 0;
  int multiprocessors = 0;
  Engines engines;
  // False where the memory was derived and not seen on a device.
  bool observed = true;
  friend bool operator==(const Profile&, const Profile&) = default;
};

}  // namespace bulkhead::mig
