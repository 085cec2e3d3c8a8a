// SPDX-License-Identifier: Apache-2.0
#include "mig/eight_unit_part.h"

namespace bulkhead::mig {
namespace {

struct Geometry {
  int id;
  int slices;
  int units;
  std::vector<int> starts;
  int count_max;
  Media media;
};

// `nvidia-smi mig -lgipp` on A100 and H100. Unit 7 belongs to no slice of its own: only the second
// half of a part, the last pair with one slice, and the whole reach it.
std::vector<Geometry> Geometries() {
  return {{19, 1, 1, {0, 1, 2, 3, 4, 5, 6}, 7, Media::kUsual},
          {20, 1, 1, {0, 1, 2, 3, 4, 5, 6}, 1, Media::kAdded},
          {15, 1, 2, {0, 2, 4, 6}, 4, Media::kUsual},
          {14, 2, 2, {0, 2, 4}, 3, Media::kUsual},
          {9, 3, 4, {0, 4}, 2, Media::kUsual},
          {5, 4, 4, {0}, 1, Media::kUsual},
          {0, 7, 8, {0}, 1, Media::kUsual}};
}

}  // namespace

std::vector<Profile> EightUnitProfiles(const std::array<ProfileFigures, 7>& figures) {
  std::vector<Profile> profiles;
  for (Geometry& geometry : Geometries()) {
    const ProfileFigures& of = figures[profiles.size()];
    profiles.push_back({.name = of.name,
                        .id = geometry.id,
                        .slices = geometry.slices,
                        .units = geometry.units,
                        .starts = std::move(geometry.starts),
                        .count_max = geometry.count_max,
                        .media = geometry.media,
                        .graphics = false,
                        .memory_mib = of.memory_mib,
                        .multiprocessors = of.multiprocessors,
                        .engines = of.engines,
                        .observed = of.observed});
  }
  return profiles;
}

}  // namespace bulkhead::mig
