// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>
#include <cstddef>

#include "cli/terminal_text.h"

namespace bulkhead::cli {
namespace {

std::string Line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = EscapeForTerminal(cells[i]);
    line += cell;
    if (i + 1 < cells.size()) line.append(widths[i] + 2 - std::min(Columns(cell), widths[i]), ' ');
  }
  return line + "\n";
}

}  // namespace

std::string Table(const std::vector<std::string>& heading,
                  const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const std::string& cell : heading) widths.push_back(Columns(cell));
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i) {
      widths[i] = std::max(widths[i], Columns(EscapeForTerminal(row[i])));
    }
  }
  std::string table = Line(heading, widths);
  for (const std::vector<std::string>& row : rows) table += Line(row, widths);
  return table;
}

}  // namespace bulkhead::cli
