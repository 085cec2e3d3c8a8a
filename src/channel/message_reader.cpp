// SPDX-License-Identifier: Apache-2.0
#include "channel/message_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace bulkhead::channel {
namespace {

constexpr std::size_t kGrowthBytes = std::size_t{1} << 20;

}  // namespace

std::span<std::byte> MessageReader::Free() {
  const auto header = Header();
  std::size_t missing = 0;
  if (header.ok() && header.value()) {
    const std::size_t whole = kHeaderBytes + header.value()->body_bytes;
    missing = whole - std::min(whole, Arrived().size());
  }
  const std::size_t wanted = missing > 0 ? missing : kReadBytes;
  if (buffer_.Free().size() < wanted) {
    buffer_.Discard(std::exchange(begin_, 0));
    const std::size_t size = buffer_.bytes().size();
    buffer_.Reserve(std::min(size + wanted, 2 * size + kGrowthBytes));
  }
  return buffer_.Free().first(std::min(buffer_.Free().size(), wanted));
}

void MessageReader::Commit(std::size_t count) { buffer_.Commit(count); }

base::Result<std::optional<MessageHeader>> MessageReader::Header() const {
  const std::span<const std::byte> arrived = Arrived();
  if (arrived.size() < kHeaderBytes) return std::optional<MessageHeader>();
  BH_ASSIGN(const MessageHeader header, DecodeHeader(arrived.first<kHeaderBytes>()));
  return std::optional<MessageHeader>(header);
}

std::optional<std::span<const std::byte>> MessageReader::Body(const MessageHeader& header) const {
  const std::span<const std::byte> arrived = Arrived();
  if (arrived.size() < kHeaderBytes + header.body_bytes) return std::nullopt;
  return arrived.subspan(kHeaderBytes, header.body_bytes);
}

void MessageReader::Next(const MessageHeader& header) {
  BH_CHECK(Body(header));
  begin_ += kHeaderBytes + header.body_bytes;
  if (!Arrived().empty()) return;
  buffer_.Discard(std::exchange(begin_, 0));
  if (buffer_.capacity() > kKeptBytesMax) buffer_ = FrameBuffer();
}

MessageReader::Taken MessageReader::Take(const MessageHeader& header, FrameBuffer fresh) {
  BH_CHECK(Body(header));
  const std::span<const std::byte> later =
      Arrived().subspan(kHeaderBytes + std::size_t{header.body_bytes});
  fresh.Wipe();
  if (!later.empty()) {
    fresh.Reserve(later.size());
    std::memcpy(fresh.Free().data(), later.data(), later.size());
    fresh.Commit(later.size());
  }
  return {std::exchange(buffer_, std::move(fresh)), std::exchange(begin_, 0) + kHeaderBytes};
}

std::span<const std::byte> MessageReader::Arrived() const {
  return buffer_.bytes().subspan(begin_);
}

}  // namespace bulkhead::channel
