// SPDX-License-Identifier: Apache-2.0
#include "isolation/loader_list.h"

#include <string>

namespace bulkhead::isolation {
namespace {

constexpr std::string_view kArrow = " => ";

std::string_view Trim(std::string_view line) {
  const std::size_t start = line.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view() : line.substr(start);
}

}  // namespace

base::Result<std::vector<LoadedLibrary>> ParseLoaderList(std::string_view text) {
  std::vector<LoadedLibrary> libraries;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line == "statically linked") continue;
    const std::size_t arrow = line.find(kArrow);
    if (arrow != std::string_view::npos && line.substr(arrow + kArrow.size()) == "not found") {
      return base::OperatorError(base::Code::kUnavailable,
                                 std::string(line.substr(0, arrow)) +
                                     ": a library that the program needs is not installed");
    }
    const std::size_t address = line.rfind(" (0x");
    if (address == std::string_view::npos) {
      return base::OperatorError(base::Code::kInvalid, "the loader answered: " + std::string(line));
    }
    line = line.substr(0, address);
    std::string_view name;
    if (arrow != std::string_view::npos) {
      name = line.substr(0, arrow);
      line = line.substr(arrow + kArrow.size());
    }
    if (line.starts_with('/')) libraries.push_back({std::string(name), line});
  }
  return libraries;
}

}  // namespace bulkhead::isolation
