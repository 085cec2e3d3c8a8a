// SPDX-License-Identifier: Apache-2.0
#include "audit/line_reader.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "audit/log_folder.h"
#include "audit/record.h"
#include "base/disk.h"

namespace bulkhead::audit {
namespace {

// Several lines at least, and small enough to stay in a cache.
constexpr std::size_t kBufferBytes = 256 << 10;
static_assert(kBufferBytes > 2 * kRecordBytesMax);

}  // namespace

LineReader::LineReader(std::filesystem::path log, uint64_t segment)
    : log_(std::move(log)), segment_(segment), bytes_(kBufferBytes) {}

base::Result<bool> LineReader::OpenNext() {
  const uint64_t next = file_.valid() ? segment_ + 1 : segment_;
  const std::string path = SegmentPath(next);
  base::UniqueFd file(::open((log_ / path).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) return false;
  if (!file.valid()) return base::DiskError(errno, path);
  file_ = std::move(file);
  segment_ = next;
  offset_ = 0;
  begin_ = end_ = 0;
  return true;
}

base::Result<bool> LineReader::Fill() {
  std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  ssize_t count = 0;
  do {
    count = ::read(file_.get(), bytes_.data() + end_, bytes_.size() - end_);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return base::DiskError(errno, SegmentPath(segment_));
  end_ += static_cast<std::size_t>(count);
  return count > 0;
}

Line LineReader::TakeTo(std::size_t end, bool ended) {
  const Line line{.text = {bytes_.data() + begin_, end - begin_},
                  .segment = segment_,
                  .offset = offset_,
                  .ended = ended};
  const std::size_t taken = end - begin_ + (ended ? 1 : 0);
  begin_ += taken;
  offset_ += taken;
  return line;
}

base::Result<std::optional<Line>> LineReader::Next() {
  for (;;) {
    const void* found = std::memchr(bytes_.data() + begin_, '\n', end_ - begin_);
    if (found != nullptr) {
      const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes_.data());
      return std::optional(TakeTo(end, true));
    }
    if (end_ - begin_ > kRecordBytesMax) return std::optional(TakeTo(end_, false));
    if (file_.valid()) {
      BH_ASSIGN(const bool more, Fill());
      if (more) continue;
      if (begin_ < end_) return std::optional(TakeTo(end_, false));
    }
    BH_ASSIGN(const bool opened, OpenNext());
    if (!opened) return std::optional<Line>();
  }
}

}  // namespace bulkhead::audit
