// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mig/gpu_model.h"

namespace bulkhead::planner {

inline const mig::GpuModel& A100() { return *mig::FindGpuModel("A100-40GB"); }

inline mig::Profile MadeUp(std::string name, int slices, int units, std::vector<int> starts,
                           mig::Media media = mig::Media::kUsual) {
  mig::Profile profile;
  profile.name = std::move(name);
  profile.slices = slices;
  profile.units = units;
  profile.count_max = media == mig::Media::kAdded || media == mig::Media::kAll
                          ? 1
                          : static_cast<int>(starts.size());
  profile.starts = std::move(starts);
  profile.media = media;
  return profile;
}

// Of four slices in twelve units, as some parts are.
inline const mig::GpuModel& TwelveUnits() {
  static const mig::GpuModel model = [] {
    mig::GpuModel made;
    made.name = "twelve";
    made.units = 12;
    made.profiles = {MadeUp("1g-me", 1, 3, {0, 3, 6, 9}, mig::Media::kNone),
                     MadeUp("1g", 1, 3, {0, 3, 6, 9}),
                     MadeUp("1g+me.all", 1, 3, {0, 3, 6, 9}, mig::Media::kAll),
                     MadeUp("2g", 2, 6, {0, 6}), MadeUp("4g", 4, 12, {0})};
    return made;
  }();
  return model;
}

// Nothing like it exists: sixteen units, odd sizes, starts that overlap.
inline const mig::GpuModel& SixteenUnits() {
  static const mig::GpuModel model = [] {
    mig::GpuModel made;
    made.name = "sixteen";
    made.units = 16;
    made.profiles = {MadeUp("2g", 2, 2, {0, 3, 5, 8, 11, 14}), MadeUp("3g", 3, 3, {0, 2, 7, 13}),
                     MadeUp("3g+me", 3, 3, {0, 2, 7, 13}, mig::Media::kAdded),
                     MadeUp("7g", 7, 7, {1, 9}), MadeUp("16g", 16, 16, {0})};
    return made;
  }();
  return model;
}

// A GPU without MIG.
inline const mig::GpuModel& Plain() {
  static const mig::GpuModel model = [] {
    mig::GpuModel made;
    made.name = "plain";
    return made;
  }();
  return model;
}

inline int ProfileNamed(const mig::GpuModel& model, std::string_view name) {
  return mig::FindProfile(model, name);
}

}  // namespace bulkhead::planner
