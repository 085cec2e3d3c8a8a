// SPDX-License-Identifier: Apache-2.0
#include "telemetry/trace_context.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace bulkhead::telemetry {
namespace {

constexpr std::size_t kLength = 55;  // of version 00

std::optional<uint8_t> Digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
  // Upper case is not allowed (section 3.2.2).
  if (c >= 'a' && c <= 'f') return static_cast<uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

bool ReadHex(std::string_view text, std::span<uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto high = Digit(text[2 * i]);
    const auto low = Digit(text[2 * i + 1]);
    if (!high || !low) return false;
    bytes[i] = static_cast<uint8_t>(*high << 4 | *low);
  }
  return true;
}

bool IsZero(std::span<const uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(std::string_view header) {
  if (header.size() < kLength) return std::nullopt;
  uint8_t version = 0;
  uint8_t flags = 0;
  TraceContext context;
  const bool read = ReadHex(header, {&version, 1}) && ReadHex(header.substr(3), context.trace_id) &&
                    ReadHex(header.substr(36), context.span_id) &&
                    ReadHex(header.substr(53), {&flags, 1});
  const bool separated = header[2] == '-' && header[35] == '-' && header[52] == '-';
  if (!read || !separated || version == 0xff) return std::nullopt;
  if (version == 0 && header.size() != kLength) return std::nullopt;
  if (header.size() > kLength && header[kLength] != '-') return std::nullopt;
  if (IsZero(context.trace_id) || IsZero(context.span_id)) return std::nullopt;
  context.sampled = (flags & 1) != 0;
  return context;
}

std::string FormatTraceparent(const TraceContext& context) {
  return fmt::format("00-{:02x}-{:02x}-{:02x}", fmt::join(context.trace_id, ""),
                     fmt::join(context.span_id, ""), context.sampled ? 1 : 0);
}

}  // namespace bulkhead::telemetry
