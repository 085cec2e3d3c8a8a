// SPDX-License-Identifier: Apache-2.0
#include "report/gpu_cells.h"

#include <algorithm>

namespace bulkhead::report {
namespace {

GpuCells WholeGpu(const DrawnGpu& gpu) {
  GpuCells out{.units = 1, .cells = {{0, 1, false, "whole GPU", "free"}}, .misfits = {}};
  for (const DrawnInstance& one : gpu.instances) {
    const GpuCell cell{0, 1, true, "whole GPU", Printable(one.owner)};
    if (out.cells[0].taken) {
      out.misfits.push_back(cell);
    } else {
      out.cells[0] = cell;
    }
  }
  return out;
}

}  // namespace

GpuCells CellsOf(const DrawnGpu& gpu) {
  if (gpu.units <= 0) return WholeGpu(gpu);
  std::vector<DrawnInstance> instances = gpu.instances;
  std::ranges::stable_sort(instances, {}, &DrawnInstance::start);
  GpuCells out{.units = gpu.units, .cells = {}, .misfits = {}};
  int drawn = 0;
  const auto fill = [&](int until) {
    if (until > drawn) out.cells.push_back({drawn, until - drawn, false, "free", ""});
    drawn = until;
  };
  for (const DrawnInstance& one : instances) {
    const GpuCell cell{one.start, one.units, true, Printable(one.profile), Printable(one.owner)};
    if (one.units < 1 || one.start < drawn || one.units > gpu.units - one.start) {
      out.misfits.push_back(cell);
      continue;
    }
    fill(one.start);
    out.cells.push_back(cell);
    drawn += one.units;
  }
  fill(gpu.units);
  return out;
}

std::string TitleOf(const DrawnGpu& gpu) {
  return Printable(gpu.title) + (gpu.simulated ? "  simulated" : "");
}

std::string Printable(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

std::string Cut(const std::string& text, std::size_t room) {
  if (text.size() <= room || room == 0) return text.substr(0, room);
  return text.substr(0, room - 1) + "~";
}

}  // namespace bulkhead::report
