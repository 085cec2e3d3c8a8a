// SPDX-License-Identifier: Apache-2.0
#include "advice/share_bytes.h"

#include <array>
#include <cstdint>
#include <optional>

namespace bulkhead::advice {
namespace {

constexpr unsigned kBits = 7;
constexpr uint32_t kMore = 0x80;
constexpr unsigned kLastShift = 28;  // of a number of 32 bits
constexpr uint32_t kLastMax = 0x0F;  // what is left of them there

// Takes one number off the front; nullopt: there is none that is whole, fits and is shortest.
std::optional<uint32_t> TakeNumber(std::span<const std::byte>& bytes) {
  uint32_t number = 0;
  for (unsigned shift = 0; shift <= kLastShift && !bytes.empty(); shift += kBits) {
    const auto byte = std::to_integer<uint32_t>(bytes.front());
    bytes = bytes.subspan(1);
    if (shift == kLastShift && byte > kLastMax) return std::nullopt;
    number |= (byte & ~kMore) << shift;
    if ((byte & kMore) != 0) continue;
    if (byte == 0 && shift > 0) return std::nullopt;
    return number;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::byte> ShareBytes(const ShareCounts& counts) {
  std::vector<std::byte> bytes;
  std::size_t end = 0;  // behind the last number that is not 0
  for (uint32_t step : counts.steps()) {
    const bool zero = step == 0;
    for (; step >= kMore; step >>= kBits) {
      bytes.push_back(static_cast<std::byte>((step & (kMore - 1)) | kMore));
    }
    bytes.push_back(static_cast<std::byte>(step));
    if (!zero) end = bytes.size();
  }
  bytes.resize(end);
  return bytes;
}

base::Result<ShareCounts> ReadShareBytes(std::span<const std::byte> bytes) {
  const auto corrupt = [] {
    return base::OperatorError(base::Code::kCorrupt, "shares of time are not as Bulkhead writes");
  };
  std::array<uint32_t, ShareCounts::kSteps + 1> steps{};
  std::size_t count = 0;
  while (!bytes.empty()) {
    const auto number = TakeNumber(bytes);
    if (!number || count == steps.size()) return corrupt();
    steps[count++] = *number;
  }
  if (count > 0 && steps[count - 1] == 0) return corrupt();
  return ShareCounts::Of(steps);
}

}  // namespace bulkhead::advice
