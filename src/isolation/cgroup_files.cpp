// SPDX-License-Identifier: Apache-2.0
#include "isolation/cgroup_files.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/unique_fd.h"

namespace bulkhead::isolation {
namespace {

constexpr std::size_t kTextBytesMax = std::size_t{16} << 20;

base::Error PathError(int error_number, const std::filesystem::path& path) {
  return base::WithContext(base::ErrnoError(error_number), path.string());
}

}  // namespace

base::Result<std::string> ReadControl(const std::filesystem::path& file) {
  const base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return PathError(errno, file);
  std::string text;
  std::array<char, 4096> block{};
  while (true) {
    const ssize_t count = ::read(fd.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return PathError(errno, file);
    if (count == 0) return text;
    if (text.size() > kTextBytesMax) {
      return base::OperatorError(base::Code::kExhausted, file.string() + ": over 16 MiB");
    }
    text.append(block.data(), static_cast<std::size_t>(count));
  }
}

base::Result<std::string> ReadValue(const std::filesystem::path& file) {
  BH_ASSIGN(std::string text, ReadControl(file));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

base::Status WriteControl(const std::filesystem::path& file, std::string_view text) {
  const base::UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_TRUNC));
  if (!fd.valid()) return PathError(errno, file);
  const ssize_t count = ::write(fd.get(), text.data(), text.size());
  if (count < 0) {
    const int error_number = errno;
    return PathError(error_number, file.string() + ": write \"" + std::string(text) + "\"");
  }
  if (static_cast<std::size_t>(count) != text.size()) {
    return base::OperatorError(base::Code::kUnavailable, file.string() + ": taken in part");
  }
  return base::Ok();
}

base::Status WriteChecked(const std::filesystem::path& file, std::string_view text,
                          std::string_view expected) {
  BH_TRY(WriteControl(file, text));
  BH_ASSIGN(const std::string kept, ReadValue(file));
  if (kept == expected) return base::Ok();
  return base::OperatorError(
      base::Code::kUnavailable,
      file.string() + ": wrote \"" + std::string(text) + "\", but it reads \"" + kept + "\"");
}

std::vector<std::string> ReadWords(const std::filesystem::path& file) {
  const auto text = ReadControl(file);
  std::vector<std::string> words;
  if (!text.ok()) return words;
  std::string word;
  for (const char letter : text.value() + '\n') {
    if (letter != ' ' && letter != '\n') {
      word += letter;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

int64_t ReadCount(const std::filesystem::path& file, std::string_view key) {
  const std::vector<std::string> words = ReadWords(file);
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] != key) continue;
    const std::string& number = words[i + 1];
    int64_t count = 0;
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), count);
    return parsed.ec == std::errc() ? count : 0;
  }
  return 0;
}

base::Result<std::vector<pid_t>> ReadProcesses(const std::filesystem::path& group) {
  BH_ASSIGN(const std::string text, ReadControl(group / "cgroup.procs"));
  std::vector<pid_t> pids;
  const char* next = text.data();
  const char* const end = text.data() + text.size();
  while (next < end) {
    pid_t pid = 0;
    const auto [after, error] = std::from_chars(next, end, pid);
    if (error != std::errc()) break;
    pids.push_back(pid);
    next = after;
    while (next < end && *next == '\n') ++next;
  }
  return pids;
}

base::Status MoveProcess(const std::filesystem::path& group, pid_t pid) {
  return WriteControl(group / "cgroup.procs", std::to_string(pid));
}

base::Status MakeGroup(const std::filesystem::path& group) {
  if (::mkdir(group.c_str(), 0755) == 0) return base::Ok();
  if (errno == EEXIST) {
    return base::OperatorError(base::Code::kConflict, group.string() + ": exists already");
  }
  return PathError(errno, group);
}

int64_t WholePages(int64_t bytes) {
  const int64_t page = ::sysconf(_SC_PAGESIZE);
  return bytes / page * page;
}

}  // namespace bulkhead::isolation
