// SPDX-License-Identifier: Apache-2.0
#include "device/kernel_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/unique_fd.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::size_t kTextBytesMax = std::size_t{4} << 20;
constexpr int kCpuNumberMax = 65535;

// A number of at least 0 at the start of `text`, which it leaves.
std::optional<int64_t> TakeNumber(std::string_view& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// "3" or "3-7" at the start of `text`; false when it is neither or does not ascend.
bool TakeRange(std::string_view& text, std::vector<int>& cpus) {
  const auto first = TakeNumber(text);
  if (!first || (!cpus.empty() && *first <= cpus.back())) return false;
  int64_t last = *first;
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    const auto end = TakeNumber(text);
    if (!end || *end < *first) return false;
    last = *end;
  }
  if (last > kCpuNumberMax) return false;
  for (int64_t cpu = *first; cpu <= last; ++cpu) cpus.push_back(static_cast<int>(cpu));
  return true;
}

}  // namespace

base::Result<std::string> ReadKernelFile(const std::filesystem::path& path) {
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return WithContext(base::ErrnoError(errno), path.string());
  std::string text;
  std::array<char, 4096> piece{};
  while (true) {
    const ssize_t count = ::read(file.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return WithContext(base::ErrnoError(errno), path.string());
    if (count == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(count));
    if (text.size() > kTextBytesMax) {
      return OperatorError(Code::kExhausted, path.string() + ": is larger than 4 MiB");
    }
  }
}

base::Result<std::vector<int>> ParseCpuList(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::vector<int> cpus;
  while (!text.empty()) {
    const bool more = TakeRange(text, cpus);
    const bool separated = text.empty() || (text.starts_with(',') && text.size() > 1);
    if (!more || !separated) return OperatorError(Code::kCorrupt, "is not a list of CPU numbers");
    if (!text.empty()) text.remove_prefix(1);
  }
  return cpus;
}

base::Result<std::vector<int>> ReadCpuList(const std::filesystem::path& path) {
  BH_ASSIGN(const std::string text, ReadKernelFile(path));
  auto cpus = ParseCpuList(text);
  if (!cpus.ok()) return WithContext(std::move(cpus).error(), path.string());
  return cpus;
}

base::Result<int64_t> ReadKernelNumber(const std::filesystem::path& path) {
  BH_ASSIGN(const std::string text, ReadKernelFile(path));
  std::string_view rest = text;
  const auto number = TakeNumber(rest);
  if (number && (rest.empty() || rest == "\n")) return *number;
  return OperatorError(Code::kCorrupt, path.string() + ": is not a number");
}

base::Result<int64_t> NumberOfLine(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(name)) continue;
    line.remove_prefix(name.size());
    const std::size_t start = line.find_first_not_of(": \t");
    if (start == 0 || start == std::string_view::npos) continue;  // another, longer name
    line.remove_prefix(start);
    if (const auto number = TakeNumber(line)) return *number;
  }
  return OperatorError(Code::kCorrupt, "has no number for " + std::string(name));
}

}  // namespace bulkhead::device
