// SPDX-License-Identifier: Apache-2.0
#include "device/mig_minors.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;

constexpr int kMinorMax = (1 << 20) - 1;  // of Linux
constexpr int kFirstInstanceMinor = 3;    // below are config and monitor

std::optional<int> TakeNumber(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0 || text.starts_with('-')) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool TakeWord(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// "config", "monitor", "gpu0/gi1/access" or "gpu0/gi1/ci2/access".
bool TakeName(std::string_view& text) {
  if (TakeWord(text, "config") || TakeWord(text, "monitor")) return true;
  if (!TakeWord(text, "gpu") || !TakeNumber(text)) return false;
  if (!TakeWord(text, "/gi") || !TakeNumber(text)) return false;
  if (TakeWord(text, "/ci") && !TakeNumber(text)) return false;
  return TakeWord(text, "/access");
}

struct Line {
  std::string_view name;
  int minor = 0;
};

std::optional<Line> ParseLine(std::string_view line) {
  std::string_view rest = line;
  if (!TakeName(rest)) return std::nullopt;
  const std::string_view name = line.substr(0, line.size() - rest.size());
  if (!TakeWord(rest, " ")) return std::nullopt;
  const auto minor = TakeNumber(rest);
  if (!minor || *minor > kMinorMax || !rest.empty()) return std::nullopt;
  const bool ours = name.starts_with("gpu");
  if (ours != (*minor >= kFirstInstanceMinor)) return std::nullopt;
  return Line{name, *minor};
}

}  // namespace

base::Result<CapabilityMinors> FindCapabilities(std::string_view text, int gpu_minor,
                                                const InstanceNumbers& instance) {
  const std::string folder = fmt::format("gpu{}/gi{}/", gpu_minor, instance.gpu_instance);
  const std::string gpu_name = folder + "access";
  const std::string compute_name = fmt::format("{}ci{}/access", folder, instance.compute_instance);
  std::optional<int> gpu;
  std::optional<int> compute;
  std::set<int> minors;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto line = ParseLine(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line || !minors.insert(line->minor).second) {
      return OperatorError(Code::kCorrupt, "is not a list of MIG capabilities");
    }
    if (line->name == gpu_name) gpu = line->minor;
    if (line->name == compute_name) compute = line->minor;
  }
  if (gpu && compute) return CapabilityMinors{*gpu, *compute};
  return OperatorError(Code::kNotFound, "has no line " + (gpu ? compute_name : gpu_name));
}

}  // namespace bulkhead::device
