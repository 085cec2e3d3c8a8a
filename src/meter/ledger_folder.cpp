// SPDX-License-Identifier: Apache-2.0
#include "meter/ledger_folder.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/errno_error.h"

namespace bulkhead::meter {
namespace {

constexpr std::string_view kSuffix = ".segment";
constexpr std::size_t kDigitsMin = 10;

std::optional<uint64_t> NumberOf(const std::string& name) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  // Only the one way of writing it, so that no two names stand for one segment.
  const bool is_segment = error == std::errc{} && SegmentName(number) == name;
  return is_segment ? std::optional(number) : std::nullopt;
}

}  // namespace

std::string SegmentName(uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, kDigitsMin - std::min(kDigitsMin, digits.size()), '0');
  return digits + std::string(kSuffix);
}

base::Result<std::vector<uint64_t>> ListSegments(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<uint64_t> numbers;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto number = NumberOf(entry->path().filename().string());
    if (number) numbers.push_back(*number);
  }
  if (error) return DiskError(error.value(), "read the ledger's folder");
  std::ranges::sort(numbers);
  return numbers;
}

base::Result<base::UniqueFd> LockFolder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0) {
    BH_TRY(SyncFolder(std::filesystem::absolute(folder).parent_path()));
  } else if (errno != EEXIST) {
    return DiskError(errno, "make the ledger's folder");
  }
  base::UniqueFd lock(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) return DiskError(errno, "open the ledger's lock");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return DiskError(errno, "lock the ledger");
  return base::OperatorError(base::Code::kConflict, "another process holds this ledger");
}

base::Status SyncFolder(const std::filesystem::path& folder) {
  const base::UniqueFd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid()) return DiskError(errno, "open the ledger's folder");
  if (::fsync(opened.get()) != 0) return DiskError(errno, "sync the ledger's folder");
  return base::Ok();
}

base::Error DiskError(int error_number, std::string_view what) {
  base::Error error = base::ErrnoError(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) {
    error = base::OperatorError(base::Code::kExhausted, std::move(error.detail));
  }
  return base::WithContext(std::move(error), what);
}

}  // namespace bulkhead::meter
