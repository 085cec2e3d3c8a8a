// SPDX-License-Identifier: Apache-2.0
#include "meter/segment_reader.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/crc32c.h"
#include "base/disk.h"
#include "meter/ledger_folder.h"

namespace bulkhead::meter {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{1} << 20;

// Fills `bytes` from `offset`; returns how many there were.
base::Result<std::size_t> ReadAt(int file, uint64_t offset, std::span<std::byte> bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = ::pread(file, bytes.data() + filled, bytes.size() - filled,
                                  static_cast<off_t>(offset + filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::DiskError(errno, "read a segment");
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

}  // namespace

base::Result<SegmentReader> SegmentReader::Open(const std::filesystem::path& folder,
                                                uint64_t number) {
  const std::string name = SegmentName(number);
  base::UniqueFd file(::open((folder / name).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return base::DiskError(errno, name);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return base::DiskError(errno, name);
  SegmentHeaderBytes bytes{};
  BH_ASSIGN(const std::size_t count, ReadAt(file.get(), 0, bytes));
  auto header = DecodeSegmentHeader(std::span(bytes).first(count));
  if (!header.ok()) return base::WithContext(std::move(header).error(), name);
  if (header.value().number != number) {
    return base::OperatorError(base::Code::kCorrupt, name + ": a segment under another's name");
  }
  return SegmentReader(std::move(file), std::move(header).value(), ChecksumOf(bytes),
                       static_cast<uint64_t>(status.st_size));
}

SegmentReader::SegmentReader(base::UniqueFd file, SegmentHeader header, uint32_t segment,
                             uint64_t bytes)
    : file_(std::move(file)),
      header_(std::move(header)),
      segment_(segment),
      bytes_(bytes),
      next_sequence_(header_.first_sequence),
      last_checksum_(segment) {}

base::Result<std::span<const std::byte>> SegmentReader::Peek(uint64_t offset, std::size_t count) {
  if (offset >= bytes_) return std::span<const std::byte>();
  count = static_cast<std::size_t>(std::min<uint64_t>(count, bytes_ - offset));
  if (offset < window_offset_ || offset + count > window_offset_ + window_.size()) {
    window_.resize(static_cast<std::size_t>(
        std::min<uint64_t>(std::max(count, kWindowBytes), bytes_ - offset)));
    window_offset_ = offset;
    BH_ASSIGN(const std::size_t filled, ReadAt(file_.get(), offset, window_));
    // Cut by its writer, which found no room.
    if (filled < window_.size()) bytes_ = offset + filled;
    window_.resize(filled);
    count = std::min(count, filled);
  }
  return std::span<const std::byte>(window_).subspan(
      static_cast<std::size_t>(offset - window_offset_), count);
}

base::Result<std::optional<Group>> SegmentReader::Stop(std::string problem) {
  problem_ = std::move(problem);
  return std::optional<Group>();
}

base::Result<std::optional<Group>> SegmentReader::Next() {
  if (end_ >= bytes_) return Stop("");
  BH_ASSIGN(const auto start, Peek(end_, kGroupHeaderBytes));
  const auto header = ReadGroupHeader(start, segment_);
  if (!header) return Stop("no group of records begins here");
  if (header->previous_checksum != last_checksum_ || header->first_sequence != next_sequence_) {
    misplaced_ = true;
    return Stop("a group of records that does not follow the one before it");
  }
  BH_ASSIGN(const auto whole, Peek(end_, kGroupHeaderBytes + header->body_bytes));
  if (whole.size() < kGroupHeaderBytes + header->body_bytes) {
    return Stop("a group of records that the file's end cuts");
  }
  const auto body = whole.subspan(kGroupHeaderBytes);
  if (base::Crc32c(body) != header->body_checksum) {
    return Stop("a group of records whose checksum is wrong");
  }
  const Group group{.offset = end_, .header = *header, .body = body};
  end_ += whole.size();
  next_sequence_ += header->records;
  last_checksum_ = header->checksum;
  return std::optional(group);
}

base::Result<Tail> SegmentReader::ExamineTail() {
  if (end_ >= bytes_) return Tail::kNone;
  if (misplaced_) return Tail::kDamaged;
  bool zeros = true;
  for (uint64_t offset = end_; offset < bytes_; offset += kWindowBytes - kGroupHeaderBytes) {
    BH_ASSIGN(const auto bytes, Peek(offset, kWindowBytes));
    if (FindGroupHeader(bytes, segment_)) return Tail::kDamaged;
    zeros = zeros && std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{}; });
  }
  return zeros ? Tail::kReserved : Tail::kTorn;
}

}  // namespace bulkhead::meter
