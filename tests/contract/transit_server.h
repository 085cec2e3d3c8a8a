// SPDX-License-Identifier: Apache-2.0
// A transit engine for tests: a real server that the environment names, or the double of
// tests/transit_double in a process of its own.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/unique_fd.h"
#include "keys/transit_provider.h"

namespace bulkhead::keys {

class TransitServer {
 public:
  TransitServer();
  TransitServer(const TransitServer&) = delete;
  TransitServer& operator=(const TransitServer&) = delete;
  // Stops the double.
  ~TransitServer();

  // BULKHEAD_TRANSIT_ORIGIN, with BULKHEAD_TRANSIT_CA and BULKHEAD_TRANSIT_TOKEN (a file).
  static bool RealOne();

  // Starts the double; false: it did not start.
  bool StartDouble();
  void StopDouble();

  // Of the real one, else of the double.
  [[nodiscard]] TransitPlace Place() const;

  // Makes the double fail a request (transit_double.py).
  void Plan(const std::string& plan) const;
  void WriteToken(std::string_view token) const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  base::UniqueFd input_;
  pid_t double_ = -1;
  std::string origin_;
};

}  // namespace bulkhead::keys
