// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

#include "cli/console.h"

namespace bulkhead::cli {

// One line on the terminal that says how far a run over many pictures is; silent elsewhere, and for
// a single picture.
class Progress {
 public:
  Progress(const Console& console, std::size_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { Clear(); }

  // Draws the line for `done` of the total, at most ten times a second.
  void Show(std::size_t done);

  // Removes the line, so that other output can stand in its place.
  void Clear();

 private:
  Console console_;
  std::size_t total_;
  bool active_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace bulkhead::cli
