// SPDX-License-Identifier: Apache-2.0
#include "meter/ledger_folder.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include "base/disk.h"

namespace bulkhead::meter {
namespace {

constexpr std::string_view kSuffix = ".segment";
constexpr std::size_t kDigitsMin = 10;

std::optional<uint64_t> NumberOf(const std::string& name) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  // Only the one way of writing it, so that no two names stand for one segment.
  const bool is_segment = error == std::errc{} && SegmentName(number) == name;
  return is_segment ? std::optional(number) : std::nullopt;
}

}  // namespace

std::string SegmentName(uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, kDigitsMin - std::min(kDigitsMin, digits.size()), '0');
  return digits + std::string(kSuffix);
}

base::Result<std::vector<uint64_t>> ListSegments(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<uint64_t> numbers;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto number = NumberOf(entry->path().filename().string());
    if (number) numbers.push_back(*number);
  }
  if (error) return base::DiskError(error.value(), "read the ledger's folder");
  std::ranges::sort(numbers);
  return numbers;
}

}  // namespace bulkhead::meter
