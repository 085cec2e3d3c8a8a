// SPDX-License-Identifier: Apache-2.0
#include "advice/use_report.h"

#include <algorithm>
#include <map>
#include <set>

#include "advice/gpu_named.h"

namespace bulkhead::advice {
namespace {

constexpr const char* kWholeGpu = "gpu";

const mig::GpuModel* ModelOf(const std::string& product, const std::string& profile) {
  if (product.empty()) return nullptr;
  return GpuNamed(product, profile == kWholeGpu ? "" : profile);
}

void AddTo(HourOfUse& sum, const HourOfUse& part) {
  sum.engine_active.Add(part.engine_active);
  sum.dram_active.Add(part.dram_active);
  sum.memory_used_max_mib = std::max(sum.memory_used_max_mib, part.memory_used_max_mib);
  sum.frames += part.frames;
  if (part.p99_ms) sum.p99_ms = std::max(sum.p99_ms.value_or(0), *part.p99_ms);
}

}  // namespace

UseReport ReportUse(const std::string& profile, std::span<const UsePart> parts,
                    const AdviceRules& rules) {
  UseReport report;
  const mig::GpuModel* model = nullptr;
  int64_t named = INT64_MIN;
  for (const UsePart& part : parts) {
    if (part.profile != profile || part.use.hour < named) continue;
    if (const mig::GpuModel* read = ModelOf(part.gpu_model, profile)) {
      model = read;
      named = part.use.hour;
    }
  }
  std::map<int64_t, HourOfUse> hours;
  std::set<std::string> devices;
  for (const UsePart& part : parts) {
    if (part.profile != profile) continue;
    if (!part.device.empty() && ModelOf(part.gpu_model, profile) != model) continue;
    HourOfUse& hour = hours[part.use.hour];
    hour.hour = part.use.hour;
    AddTo(hour, part.use);
    if (!part.device.empty() && part.use.hour == named) devices.insert(part.device);
  }
  std::vector<HourOfUse> in_order;
  for (const auto& [number, hour] : hours) in_order.push_back(hour);
  report.devices.assign(devices.begin(), devices.end());
  report.evidence = SumUp(in_order);
  Judged judged{.model = model, .profile = -1};
  if (model != nullptr) {
    report.gpu = model->name;
    if (profile != kWholeGpu) judged.profile = mig::FindProfile(*model, profile);
  }
  report.advice = Advise(judged, report.evidence, rules);
  return report;
}

std::vector<int64_t> MovesIn(std::span<const UsePart> parts) {
  std::map<int64_t, std::set<std::string>> profiles;
  for (const UsePart& part : parts) {
    if (part.device.empty()) profiles[part.use.hour].insert(part.profile);
  }
  std::vector<int64_t> moves;
  const std::set<std::string>* before = nullptr;
  for (const auto& [hour, present] : profiles) {
    const bool moved =
        before == nullptr ? present.size() > 1 : !std::ranges::includes(*before, present);
    if (moved) moves.push_back(hour);
    before = &present;
  }
  return moves;
}

}  // namespace bulkhead::advice
