// SPDX-License-Identifier: Apache-2.0
// What a hostile worker is told to do, in the bytes where a model would be. Both sides read it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace bulkhead::sandbox_cases {

// kStarting: while the engine opens, under the lockdown that the driver made. kServing: at the
// first frame, under everything.
enum class Moment { kStarting, kServing };

struct Order {
  Moment moment = Moment::kServing;
  std::string attack;
  std::string argument;  // one line
};

// "bulkhead-attack\nMOMENT\nATTACK\nARGUMENT\n". What follows is nobody's business: a marker.
std::vector<std::byte> EncodeOrder(const Order& order);

// An order whose attack is empty when the bytes are none.
Order ParseOrder(std::span<const std::byte> bytes);

}  // namespace bulkhead::sandbox_cases
