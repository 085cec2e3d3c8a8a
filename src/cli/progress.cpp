// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <ostream>
#include <string>

#include <fmt/format.h>

namespace bulkhead::cli {

Progress::Progress(const Console& console, std::size_t total)
    : console_(console),
      total_(total),
      active_(console.err_is_terminal && total > 1),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

void Progress::Show(std::size_t done) {
  using std::chrono::duration;
  const auto now = std::chrono::steady_clock::now();
  if (!active_ || (drawn_ && now - last_ < std::chrono::milliseconds(100))) return;
  constexpr std::size_t kCells = 30;
  const std::size_t filled = kCells * done / total_;
  const double seconds = duration<double>(now - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string line = fmt::format("\r\x1b[2K[{}{}] {}/{}", std::string(filled, '='),
                                 std::string(kCells - filled, ' '), done, total_);
  if (rate > 0) {
    line += fmt::format("  {:.1f} images/s  {:.0f} s left", rate,
                        static_cast<double>(total_ - done) / rate);
  }
  *console_.err << line << std::flush;
  drawn_ = true;
  last_ = now;
}

void Progress::Clear() {
  if (drawn_) *console_.err << "\r\x1b[2K" << std::flush;
  drawn_ = false;
}

}  // namespace bulkhead::cli
