// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "planner/defragment.h"

namespace bulkhead::planner {

// Tries moves on a fleet of its own, and takes back those that lead nowhere.
class RoomSearch {
 public:
  RoomSearch(const GpuFleet& fleet, const Demand& demand, const Disruption& limits);

  // Where the choice fits after moves(), which this adds to; nothing, and no moves, when no way was
  // found. Its units are then free, and nothing was put there.
  std::optional<Spot> MakeRoom(const Choice& choice);

  [[nodiscard]] const std::vector<Move>& moves() const { return moves_; }

 private:
  struct Candidate {
    int units = 0;
    int64_t loss = 0;
    Spot spot;
    std::vector<Held> in_the_way;
  };
  std::vector<Candidate> Candidates(const Choice& choice) const;
  void AddCandidates(const Choice& choice, int gpu, std::vector<Candidate>& candidates) const;
  bool Clear(const Candidate& candidate);
  bool MoveAway(const Held& held, const Spot& wanted);
  std::optional<Spot> SpotBeside(const Held& held, const Spot& wanted) const;
  bool Go(const Held& held, int from, const Spot& to);
  void TakeBack(std::size_t moves);
  [[nodiscard]] bool Within(int moves, int units) const;

  GpuFleet fleet_;
  const Demand& demand_;
  Disruption limits_;
  std::vector<Move> moves_;
  int units_ = 0;
  int depth_ = 0;
};

}  // namespace bulkhead::planner
