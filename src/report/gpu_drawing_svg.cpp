// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "report/gpu_cells.h"
#include "report/gpu_drawing.h"

namespace bulkhead::report {
namespace {

constexpr int kMargin = 12;
constexpr int kWidth = 720;  // of a GPU
constexpr int kTitleHeight = 24;
constexpr int kCellHeight = 48;
constexpr int kStartsHeight = 20;
constexpr int kMisfitHeight = 16;
constexpr int kLetterWidth = 7;  // of a monospaced font of 12 pixels

std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

int LeftOf(const GpuCells& gpu, int unit) { return kMargin + kWidth * unit / gpu.units; }

void AppendText(int x, int y, const std::string& text, std::string& out) {
  if (text.empty()) return;
  out += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>\n", x, y, Escaped(text));
}

std::string InFull(const GpuCell& cell) {
  return cell.profile + (cell.owner.empty() ? "" : "  " + cell.owner);
}

// The whole text is the cell's title, which viewers show when the pointer rests on it.
void AppendCell(const GpuCells& gpu, const GpuCell& cell, int top, std::string& out) {
  const int left = LeftOf(gpu, cell.start);
  const int width = LeftOf(gpu, cell.start + cell.units) - left;
  const auto room = static_cast<std::size_t>(width > 12 ? (width - 12) / kLetterWidth : 0);
  out += fmt::format(
      "<g><title>{}</title>\n"
      "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" stroke=\"#34495e\"/>\n",
      Escaped(InFull(cell)), left, top, width, kCellHeight, cell.taken ? "#cfe3f5" : "#ffffff");
  AppendText(left + 6, top + 19, Cut(cell.profile, room), out);
  AppendText(left + 6, top + 37, Cut(cell.owner, room), out);
  out += "</g>\n";
}

// Draws below `top` and returns where the next one begins.
int AppendGpu(const DrawnGpu& gpu, int top, std::string& out) {
  const GpuCells cells = CellsOf(gpu);
  AppendText(kMargin, top + 16, TitleOf(gpu), out);
  top += kTitleHeight;
  for (const GpuCell& cell : cells.cells) AppendCell(cells, cell, top, out);
  top += kCellHeight;
  for (const GpuCell& cell : cells.cells) {
    if (gpu.units > 0) {
      AppendText(LeftOf(cells, cell.start), top + 14, std::to_string(cell.start), out);
    }
  }
  top += kStartsHeight;
  for (const GpuCell& cell : cells.misfits) {
    AppendText(kMargin, top + 12, fmt::format("{}: {}  (has no place)", cell.start, InFull(cell)),
               out);
    top += kMisfitHeight;
  }
  return top;
}

}  // namespace

std::string DrawGpusAsSvg(std::span<const DrawnGpu> gpus) {
  std::string body;
  int bottom = kMargin;
  for (const DrawnGpu& gpu : gpus) bottom = AppendGpu(gpu, bottom, body) + kMargin;
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\""
             " viewBox=\"0 0 {0} {1}\" font-family=\"monospace\" font-size=\"12\""
             " fill=\"#1b2631\">\n",
             kWidth + 2 * kMargin, bottom) +
         body + "</svg>\n";
}

}  // namespace bulkhead::report
