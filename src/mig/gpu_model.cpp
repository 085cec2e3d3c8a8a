// SPDX-License-Identifier: Apache-2.0
#include "mig/gpu_model.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "mig/model_tables.h"
#include "mig/profile_name.h"

namespace bulkhead::mig {
namespace {

std::vector<GpuModel> MakeModels() {
  std::vector<GpuModel> models;
  for (auto part : {AmpereModels(), HopperModels(), BlackwellModels(), ModelsWithoutMig()}) {
    std::ranges::move(part, std::back_inserter(models));
  }
  return models;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameLetters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

// Of the gigabytes in a name drivers disagree by one at most.
bool MayBeTheSame(const ProfileName& asked, const Profile& profile) {
  auto of = ParseProfileName(profile.name);
  if (!of.ok() || std::abs(of.value().gigabytes - asked.gigabytes) > 1) return false;
  of.value().gigabytes = asked.gigabytes;
  return of.value() == asked;
}

}  // namespace

std::span<const GpuModel> GpuModels() {
  static const std::vector<GpuModel> models = MakeModels();
  return models;
}

const GpuModel* FindGpuModel(std::string_view name) {
  const auto found = std::ranges::find_if(GpuModels(), [&](const GpuModel& model) {
    return SameLetters(model.name, name) || SameLetters(model.word, name);
  });
  return found == GpuModels().end() ? nullptr : &*found;
}

int FindProfile(const GpuModel& model, std::string_view name) {
  const auto index = [&](auto found) { return static_cast<int>(found - model.profiles.begin()); };
  const auto exact = std::ranges::find(model.profiles, name, &Profile::name);
  if (exact != model.profiles.end()) return index(exact);
  const auto asked = ParseProfileName(name);
  if (!asked.ok()) return -1;
  const auto like = [&](const Profile& profile) { return MayBeTheSame(asked.value(), profile); };
  const auto found = std::ranges::find_if(model.profiles, like);
  if (found == model.profiles.end()) return -1;
  return std::find_if(found + 1, model.profiles.end(), like) == model.profiles.end() ? index(found)
                                                                                     : -1;
}

}  // namespace bulkhead::mig
