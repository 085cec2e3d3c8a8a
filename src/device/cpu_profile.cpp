// SPDX-License-Identifier: Apache-2.0
#include "device/cpu_profile.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/checked_math.h"

namespace bulkhead::device {
namespace {

constexpr int64_t kMebibyte = int64_t{1} << 20;

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// A number of at least 1 at the start of `text`, which it leaves.
std::optional<int64_t> TakeNumber(std::string_view& text) {
  if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<CpuProfile> Parse(std::string_view text) {
  if (!TakePrefix(text, "cpu:")) return std::nullopt;
  const auto cores = TakeNumber(text);
  if (!cores || *cores > kProfileCoresMax || !TakePrefix(text, "c")) return std::nullopt;
  const auto amount = TakeNumber(text);
  if (!amount || (text != "m" && text != "g")) return std::nullopt;
  const auto bytes = base::CheckedMul(*amount, text == "g" ? 1024 * kMebibyte : kMebibyte);
  if (!bytes || *bytes > kProfileMemoryBytesMax) return std::nullopt;
  return CpuProfile{static_cast<int>(*cores), *bytes};
}

}  // namespace

base::Result<CpuProfile> ParseCpuProfile(std::string_view text) {
  if (const auto profile = Parse(text)) return *profile;
  return base::PublicError(base::Code::kInvalid,
                           "not a CPU profile: write cpu:<cores>c<memory>, the memory in m (MiB) "
                           "or g (GiB), for example cpu:2c4g or cpu:1c512m");
}

std::string FormatCpuProfile(const CpuProfile& profile) {
  const int64_t mebibytes = profile.memory_bytes / kMebibyte;
  if (mebibytes % 1024 == 0) return fmt::format("cpu:{}c{}g", profile.cores, mebibytes / 1024);
  return fmt::format("cpu:{}c{}m", profile.cores, mebibytes);
}

}  // namespace bulkhead::device
