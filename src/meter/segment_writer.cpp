// SPDX-License-Identifier: Apache-2.0
#include "meter/segment_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include <fcntl.h>

#include "base/disk.h"
#include "meter/group.h"
#include "meter/ledger_folder.h"

namespace bulkhead::meter {
namespace {

// Not a segment's name: what a crash leaves of it is overwritten by the next one.
constexpr std::string_view kUnfinished = "unfinished";

base::Result<base::UniqueFd> WriteUnfinished(const std::filesystem::path& path,
                                             const SegmentHeaderBytes& header) {
  base::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.valid()) return base::DiskError(errno, "make a segment");
  BH_TRY(base::WriteAt(file.get(), 0, header));
  if (::fsync(file.get()) != 0) return base::DiskError(errno, "sync a new segment");
  return file;
}

}  // namespace

base::Result<SegmentWriter> SegmentWriter::Create(const std::filesystem::path& folder,
                                                  const SegmentHeader& header,
                                                  const ReservedRoom& room) {
  const std::filesystem::path unfinished = folder / kUnfinished;
  const SegmentHeaderBytes bytes = EncodeSegmentHeader(header);
  auto file = WriteUnfinished(unfinished, bytes);
  if (!file.ok()) {
    ::unlink(unfinished.c_str());
    return std::move(file).error();
  }
  const std::filesystem::path path = folder / SegmentName(header.number);
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
    const int error_number = errno;
    ::unlink(unfinished.c_str());
    return base::DiskError(error_number, "name a new segment");
  }
  // From here on the segment may be durable or not: no way back, so never kExhausted.
  if (base::Status synced = base::SyncFolder(folder); !synced.ok()) {
    return base::OperatorError(base::Code::kUnavailable, std::move(synced).error().detail);
  }
  return SegmentWriter(std::move(file).value(), header, ChecksumOf(bytes), room);
}

SegmentWriter::SegmentWriter(base::UniqueFd file, SegmentHeader header, uint32_t segment,
                             ReservedRoom room)
    : file_(std::move(file)),
      header_(std::move(header)),
      segment_(segment),
      room_(room),
      next_sequence_(header_.first_sequence),
      last_checksum_(segment) {}

base::Status SegmentWriter::Append(std::span<std::byte> group, uint32_t records) {
  const uint32_t checksum = SealGroup(group, segment_, next_sequence_, records, last_checksum_);
  base::Status written = base::WriteAt(file_.get(), bytes_, group);
  if (!written.ok()) {
    if (written.error().code == base::Code::kExhausted) BH_TRY(CutBack());
    return written;
  }
  bytes_ += group.size();
  Reserve();
  if (::fdatasync(file_.get()) != 0) {
    return base::OperatorError(base::Code::kUnavailable,
                               base::DiskError(errno, "sync a segment").detail);
  }
  next_sequence_ += records;
  last_checksum_ = checksum;
  return base::Ok();
}

base::Status SegmentWriter::CutBack() {
  // Synced, so that no crash brings these bytes back behind a shorter group.
  if (::ftruncate(file_.get(), static_cast<off_t>(bytes_)) == 0 && ::fsync(file_.get()) == 0) {
    reserved_ = bytes_;
    return base::Ok();
  }
  return base::OperatorError(base::Code::kUnavailable, "cut a segment back: no way found");
}

base::Status SegmentWriter::Finish() { return reserved_ > bytes_ ? CutBack() : base::Ok(); }

void SegmentWriter::Reserve() {
  if (bytes_ <= reserved_) return;
  reserved_ = bytes_;
  const uint64_t to = std::min(bytes_ + room_.step_bytes, room_.segment_bytes_max);
  if (to <= bytes_) return;
  const std::vector<std::byte> zeros(to - bytes_);
  // On a disk without so much room, groups are written as long as they fit.
  if (base::WriteAt(file_.get(), bytes_, zeros).ok()) reserved_ = to;
}

SegmentHeader SegmentWriter::NextHeader() const {
  SegmentHeader next = header_;
  ++next.number;
  next.first_sequence = next_sequence_;
  next.position = header_.position + (next_sequence_ - header_.first_sequence);
  next.previous = {.bytes = bytes_, .header_checksum = segment_, .last_checksum = last_checksum_};
  return next;
}

}  // namespace bulkhead::meter
