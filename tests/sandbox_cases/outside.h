// SPDX-License-Identifier: Apache-2.0
// What lies around a compartment for an attacker to find: listeners, shared memory, files,
// processes.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <sys/types.h>

#include "base/unique_fd.h"

namespace bulkhead::sandbox_cases {

class Outside {
 public:
  Outside();
  Outside(const Outside&) = delete;
  Outside& operator=(const Outside&) = delete;
  ~Outside();

  // Puts real names for {udp}, {tcp}, {abstract}, {shared-memory}, {key}, {weights}, {set-user-id},
  // {program}, {everyones-program} (a copy that every user can reach), {supervisor}, {core}
  // (another than the compartments') and {namespace NAME}.
  [[nodiscard]] std::string Fill(std::string argument) const;

  // A name with another meaning than the machine's, such as {neighbour}.
  void Name(const std::string& name, const std::string& value) { names_[name] = value; }

  // Whether anything arrived at the UDP port, at either listener.
  [[nodiscard]] bool WasReached() const;

 private:
  std::map<std::string, std::string> names_;
  std::filesystem::path folder_;
  base::UniqueFd udp_;
  base::UniqueFd tcp_;
  base::UniqueFd abstract_;
  int shared_memory_ = -1;
  int key_ = -1;
};

}  // namespace bulkhead::sandbox_cases
