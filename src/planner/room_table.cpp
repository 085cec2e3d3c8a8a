// SPDX-License-Identifier: Apache-2.0
#include "planner/room_table.h"

#include <algorithm>

#include "base/check.h"

namespace bulkhead::planner {

RoomTable::RoomTable(const OccupancyGraph& graph)
    : profiles_(graph.model().profiles.size()),
      rooms_(static_cast<std::size_t>(graph.size()) * profiles_) {
  // Placings lead to higher numbers, so those are done first.
  for (int state = graph.size() - 1; state >= 0; --state) {
    for (const Placing& placing : graph.Placings(state)) {
      const auto profile = static_cast<std::size_t>(placing.instance.profile);
      int& room = rooms_[static_cast<std::size_t>(state) * profiles_ + profile];
      room = std::max(room, 1 + Room(placing.to, placing.instance.profile));
    }
  }
}

int RoomTable::Room(int state, int profile) const {
  BH_CHECK(profile >= 0 && static_cast<std::size_t>(profile) < profiles_);
  const std::size_t at =
      static_cast<std::size_t>(state) * profiles_ + static_cast<std::size_t>(profile);
  BH_CHECK(state >= 0 && at < rooms_.size());
  return rooms_[at];
}

}  // namespace bulkhead::planner
