// SPDX-License-Identifier: Apache-2.0
#include "channel/inheritance.h"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "base/byte_reader.h"
#include "channel/wire_enum.h"

namespace bulkhead::channel {
namespace {

template <typename T>
void Put(std::array<std::byte, kStatusRecordBytes>& record, std::size_t offset, T value) {
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(record.data() + offset, &value, sizeof(value));
}

bool IsOurs(const StatusRecord& record) {
  switch (record.state) {
    case WorkerState::kLoading:
    case WorkerState::kReady:
      return record.code == 0 && record.arch == 0 && record.value == 0;
    case WorkerState::kFailed:
      return CodeOfWire(record.code).has_value() && record.arch == 0 && record.value == 0;
    case WorkerState::kViolated:
      return record.code == 0 && record.value >= INT32_MIN && record.value <= INT32_MAX;
  }
  return false;
}

}  // namespace

void WriteStatus(int fd, const StatusRecord& record) {
  const int saved_errno = errno;
  std::array<std::byte, kStatusRecordBytes> bytes{};
  Put(bytes, 0, static_cast<uint8_t>(record.state));
  Put(bytes, 1, record.code);
  Put(bytes, 4, record.arch);
  Put(bytes, 8, record.value);
  // Nothing is left to do about a pipe that is closed or full.
  while (::write(fd, bytes.data(), bytes.size()) < 0 && errno == EINTR) {
  }
  errno = saved_errno;
}

std::optional<StatusRecord> ParseStatus(std::span<const std::byte> bytes) {
  base::ByteReader reader(bytes);
  StatusRecord record;
  record.state = static_cast<WorkerState>(reader.Read<uint8_t>());
  record.code = reader.Read<uint8_t>();
  reader.ReadZeros(2);
  record.arch = reader.Read<uint32_t>();
  record.value = reader.Read<int64_t>();
  if (!reader.finished() || !IsOurs(record)) return std::nullopt;
  return record;
}

}  // namespace bulkhead::channel
