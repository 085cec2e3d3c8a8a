// SPDX-License-Identifier: Apache-2.0
#include "sandbox_cases/order.h"

#include <algorithm>
#include <string_view>

namespace bulkhead::sandbox_cases {
namespace {

constexpr std::string_view kMagic = "bulkhead-attack";

std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::vector<std::byte> EncodeOrder(const Order& order) {
  const std::string text = std::string(kMagic) + "\n" +
                           (order.moment == Moment::kStarting ? "starting" : "serving") + "\n" +
                           order.attack + "\n" + order.argument + "\n";
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Order ParseOrder(std::span<const std::byte> bytes) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (TakeLine(text) != kMagic) return {};
  Order order;
  order.moment = TakeLine(text) == "starting" ? Moment::kStarting : Moment::kServing;
  order.attack = TakeLine(text);
  order.argument = TakeLine(text);
  return order;
}

}  // namespace bulkhead::sandbox_cases
