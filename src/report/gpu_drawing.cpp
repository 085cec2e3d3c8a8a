// SPDX-License-Identifier: Apache-2.0
#include "report/gpu_drawing.h"

#include <fmt/format.h>

#include "report/gpu_cells.h"

namespace bulkhead::report {
namespace {

// Divides by 4, 8 and 12 units.
constexpr int kColumns = 72;

// Where the cell's left edge is.
int ColumnOf(const GpuCells& gpu, int unit) { return kColumns * unit / gpu.units; }

// Between the edges, with a space on either side.
std::size_t RoomIn(const GpuCells& gpu, const GpuCell& cell) {
  const int wide = ColumnOf(gpu, cell.start + cell.units) - ColumnOf(gpu, cell.start);
  return wide > 3 ? static_cast<std::size_t>(wide - 3) : 0;
}

void AppendTexts(const GpuCells& gpu, std::string GpuCell::* text, std::string& out) {
  std::string line(kColumns + 1, ' ');
  for (const GpuCell& cell : gpu.cells) {
    const auto left = static_cast<std::size_t>(ColumnOf(gpu, cell.start));
    const std::string shown = Cut(cell.*text, RoomIn(gpu, cell));
    line[left] = '|';
    line.replace(left + 2, shown.size(), shown);
  }
  line.back() = '|';
  out += line + "\n";
}

void AppendEdge(const GpuCells& gpu, std::string& out) {
  std::string line(kColumns + 1, '-');
  for (const GpuCell& cell : gpu.cells) {
    line[static_cast<std::size_t>(ColumnOf(gpu, cell.start))] = '+';
  }
  line.back() = '+';
  out += line + "\n";
}

void AppendStarts(const GpuCells& gpu, std::string& out) {
  std::string line;
  for (const GpuCell& cell : gpu.cells) {
    line.resize(static_cast<std::size_t>(ColumnOf(gpu, cell.start)), ' ');
    line += std::to_string(cell.start);
  }
  out += line + "\n";
}

void AppendInFull(const GpuCell& cell, const char* why, std::string& out) {
  out += fmt::format("  {}: {}{}{}{}\n", cell.start, cell.profile, cell.owner.empty() ? "" : "  ",
                     cell.owner, why);
}

}  // namespace

std::string DrawGpu(const DrawnGpu& gpu) {
  const GpuCells cells = CellsOf(gpu);
  std::string out = TitleOf(gpu) + "\n";
  AppendEdge(cells, out);
  AppendTexts(cells, &GpuCell::profile, out);
  AppendTexts(cells, &GpuCell::owner, out);
  AppendEdge(cells, out);
  if (gpu.units > 0) AppendStarts(cells, out);
  for (const GpuCell& cell : cells.cells) {
    const std::size_t room = RoomIn(cells, cell);
    if (cell.profile.size() > room || cell.owner.size() > room) AppendInFull(cell, "", out);
  }
  for (const GpuCell& cell : cells.misfits) AppendInFull(cell, "  (has no place)", out);
  return out;
}

}  // namespace bulkhead::report
