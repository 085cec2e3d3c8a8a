// SPDX-License-Identifier: Apache-2.0
// Cuts the bytes of a stream into messages.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/result.h"
#include "channel/frame_buffer.h"
#include "channel/message_header.h"

namespace bulkhead::channel {

// Memory follows what arrived, never what a header claims: at most kReadBytes or a MiB more than
// twice the bytes that came. Use: read into Free(), Commit(), then while Header() gives one, test
// it against the rules and wait for Body(), and Next() when done with it.
class MessageReader {
 public:
  // Most bytes read ahead of the message that is arriving.
  static constexpr std::size_t kReadBytes = std::size_t{64} << 10;

  // Most bytes of memory that is kept for the next message.
  static constexpr std::size_t kKeptBytesMax = std::size_t{8} << 20;

  // Never empty. When the message's header is there, the end of its body at most.
  std::span<std::byte> Free();
  void Commit(std::size_t count);

  // The first message's header, when it is there. kCorrupt: as DecodeHeader.
  base::Result<std::optional<MessageHeader>> Header() const;
  // Its body, when it is there. Valid until the next call that is not const.
  [[nodiscard]] std::optional<std::span<const std::byte>> Body(const MessageHeader& header) const;
  // Drops the message, which was there whole.
  void Next(const MessageHeader& header);

  // As Next, but hands the memory over with the message's body at `body_offset`; reading goes on in
  // `fresh`, to which bytes of later messages are copied.
  struct Taken {
    FrameBuffer buffer;
    std::size_t body_offset = 0;
  };
  Taken Take(const MessageHeader& header, FrameBuffer fresh);

 private:
  // What there is from the start of the first message on.
  [[nodiscard]] std::span<const std::byte> Arrived() const;

  FrameBuffer buffer_;
  std::size_t begin_ = 0;  // of the first message in buffer_
};

}  // namespace bulkhead::channel
