// SPDX-License-Identifier: Apache-2.0
#include "device/shared_profile.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::string_view kPrefix = "shared:";
constexpr int kMemoryMax = 4096;

// Digits without a leading zero up to that letter, which is taken off as well; 0: not so.
int TakeNumber(std::string_view& text, char letter, int max) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (error != std::errc{} || text.front() == '0' || digits == text.size() || *end != letter ||
      number < 1 || number > max) {
    return 0;
  }
  text.remove_prefix(digits + 1);
  return number;
}

}  // namespace

bool IsSharedProfile(std::string_view profile) { return profile.starts_with(kPrefix); }

base::Result<SharedProfile> ParseSharedProfile(std::string_view text) {
  SharedProfile profile;
  if (IsSharedProfile(text)) {
    text.remove_prefix(kPrefix.size());
    profile.percent = TakeNumber(text, 'p', 100);
    if (profile.percent > 0) profile.memory_gib = TakeNumber(text, 'g', kMemoryMax);
    if (profile.memory_gib > 0 && text.empty()) return profile;
  }
  return base::PublicError(Code::kInvalid,
                           "a share of a GPU is percent and memory, as in shared:25p4g");
}

std::string FormatSharedProfile(const SharedProfile& profile) {
  return fmt::format("{}{}p{}g", kPrefix, profile.percent, profile.memory_gib);
}

base::Status CheckShare(const SharedProfile& profile, const Gpu& gpu, std::string_view tenant,
                        const std::vector<std::string>& tenants,
                        const std::vector<SharedProfile>& taken) {
  if (std::ranges::any_of(tenants, [&](const std::string& one) { return one != tenant; })) {
    return OperatorError(Code::kDenied, gpu.uuid + " is shared by another tenant");
  }
  if (gpu.mig == MigMode::kOn) {
    return OperatorError(Code::kUnsupported, gpu.uuid + " is cut: take an instance of it");
  }
  if (!gpu.ecc.value_or(false)) {
    return OperatorError(Code::kUnsupported, gpu.uuid + (gpu.ecc ? ": ECC is off: nvidia-smi -e 1"
                                                                 : " has no ECC, or does not say"));
  }
  int percent = profile.percent;
  int64_t memory_mib = int64_t{profile.memory_gib} << 10;
  for (const SharedProfile& one : taken) {
    percent += one.percent;
    memory_mib += int64_t{one.memory_gib} << 10;
  }
  if (percent > 100 || memory_mib > static_cast<int64_t>(gpu.model.memory_mib)) {
    return OperatorError(Code::kExhausted,
                         fmt::format("{} would be shared to {} % and {} of {} MiB", gpu.uuid,
                                     percent, memory_mib, gpu.model.memory_mib));
  }
  return base::Ok();
}

std::vector<std::string> ShareEnvironment(const SharedProfile& profile, const Gpu& gpu) {
  return {"CUDA_VISIBLE_DEVICES=" + gpu.uuid,
          fmt::format("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE={}", profile.percent),
          fmt::format("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT=0={}G", profile.memory_gib)};
}

}  // namespace bulkhead::device
