// SPDX-License-Identifier: Apache-2.0
// What both drawings of a GPU have in common: its cells from left to right.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/gpu_drawing.h"

namespace bulkhead::report {

struct GpuCell {
  int start = 0;
  int units = 0;
  bool taken = false;
  std::string profile;  // or "free", "whole GPU"
  std::string owner;
};

struct GpuCells {
  int units = 0;               // in all, at least 1
  std::vector<GpuCell> cells;  // ascending, without gaps
  std::vector<GpuCell> misfits;
};

GpuCells CellsOf(const DrawnGpu& gpu);

// The title, and that it is simulated where it is.
std::string TitleOf(const DrawnGpu& gpu);

// The text with '?' for each byte that is not printable ASCII.
std::string Printable(std::string_view text);

// The text, or as much of it as `room` letters hold with '~' for the rest.
std::string Cut(const std::string& text, std::size_t room);

}  // namespace bulkhead::report
