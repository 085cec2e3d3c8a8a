// SPDX-License-Identifier: Apache-2.0
// A second worker beside the attacker, which must not notice it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "channel/blocking_client.h"
#include "sandbox_cases/laboratory.h"

namespace bulkhead::sandbox_cases {

class Neighbour {
 public:
  // The hostile program, which does nothing: it serves with a marker in its weights.
  explicit Neighbour(Laboratory& laboratory);
  // Serves with this model.
  Neighbour(Laboratory& laboratory, std::vector<std::byte> model);
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;
  ~Neighbour();

  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] pid_t pid() const;
  // The marker as attackers are given it, so that their order does not contain it.
  [[nodiscard]] static std::string hidden_marker();

  // A frame is answered.
  [[nodiscard]] bool Answers();

 private:
  Laboratory& laboratory_;
  std::string failure_;
  std::optional<compartment::Worker> worker_;
  std::optional<channel::BlockingClient> client_;
};

}  // namespace bulkhead::sandbox_cases
