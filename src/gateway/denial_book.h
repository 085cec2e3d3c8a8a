// SPDX-License-Identifier: Apache-2.0
// Refusals, counted so that whoever provokes them fills no disk.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "audit/event.h"

namespace bulkhead::gateway {

// A request that was refused for who asked.
struct Denial {
  std::string tenant;  // its name; empty: nobody knows
  audit::EventKind kind = audit::EventKind::kAuthRefuse;
  std::string reason;
  std::string key;    // its id; empty: none, or no key's
  std::string model;  // as asked for
  std::string peer;
  friend auto operator<=>(const Denial&, const Denial&) = default;
};

struct CountedDenial {
  Denial denial;
  // How often it came after it was told the first time; 0: this is the first time.
  uint64_t further = 0;
};

// One thread at a time.
//
// Of each tenant, and of strangers together, kDistinctMax denials that differ are kept in a window;
// further ones are counted as one, by kind, without key, model and peer. The first of each is told
// by the next Take, the others at the window's end as one number. So a tenant that does nothing but
// being refused leaves 2 * (kDistinctMax + 2) records in a window, whatever it sends.
class DenialBook {
 public:
  static constexpr std::size_t kDistinctMax = 32;
  static constexpr std::chrono::minutes kWindow{5};

  // Constant time but for the book's logarithm.
  void Add(Denial denial);

  // What is to be told now. `now` never goes back.
  std::vector<CountedDenial> Take(std::chrono::nanoseconds now);
  // All that was not told yet, at the end.
  std::vector<CountedDenial> TakeAll();

 private:
  std::map<Denial, uint64_t> counts_;            // in this window; how often after the first time
  std::map<std::string, std::size_t> distinct_;  // by tenant
  std::vector<Denial> fresh_;
  std::chrono::nanoseconds window_end_{0};
};

}  // namespace bulkhead::gateway
