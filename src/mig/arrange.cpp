// SPDX-License-Identifier: Apache-2.0
#include "mig/arrange.h"

#include <algorithm>

#include "base/check.h"

namespace bulkhead::mig {
namespace {

// Places wanted[next..] beside `placed`. Of equal profiles each begins above the one before it, as
// any other order is the same layout.
bool Extend(const GpuModel& model, std::span<const int> wanted, std::vector<Instance>& placed,
            std::size_t next) {
  if (next == wanted.size()) return true;
  const bool again = next > 0 && wanted[next] == wanted[next - 1];
  const int above = again ? placed.back().start : -1;
  for (const int start : FreeStarts(model, placed, wanted[next])) {
    if (start <= above) continue;
    placed.push_back({wanted[next], start});
    if (Extend(model, wanted, placed, next + 1)) return true;
    placed.pop_back();
  }
  return false;
}

}  // namespace

std::optional<std::vector<Instance>> Arrange(const GpuModel& model, std::span<const int> profiles,
                                             std::span<const Instance> fixed) {
  BH_CHECK(IsLegal(model, fixed));
  // Every instance takes a unit; this also bounds the depth of the search.
  if (profiles.size() > static_cast<std::size_t>(model.units)) return std::nullopt;
  std::vector<int> wanted(profiles.begin(), profiles.end());
  const auto units = [&](int profile) {
    BH_CHECK(profile >= 0 && static_cast<std::size_t>(profile) < model.profiles.size());
    return model.profiles[static_cast<std::size_t>(profile)].units;
  };
  std::ranges::sort(
      wanted, [&](int a, int b) { return units(a) != units(b) ? units(a) > units(b) : a < b; });
  std::vector<Instance> placed(fixed.begin(), fixed.end());
  if (!Extend(model, wanted, placed, 0)) return std::nullopt;
  placed.erase(placed.begin(), placed.begin() + static_cast<std::ptrdiff_t>(fixed.size()));
  std::ranges::sort(placed);
  return placed;
}

}  // namespace bulkhead::mig
