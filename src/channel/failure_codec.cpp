// SPDX-License-Identifier: Apache-2.0
#include "channel/failure_codec.h"

#include <cstdint>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "channel/message_header.h"
#include "channel/plain_line.h"
#include "channel/wire_enum.h"

namespace bulkhead::channel {

std::vector<std::byte> EncodeFailure(const base::Error& error) {
  base::ByteWriter writer;
  writer.Write<uint8_t>(WireOf(error.code));
  writer.WriteZeros(3);
  writer.WriteText(PlainLine(error.public_message, kPublicMessageBytesMax));
  writer.WriteText(PlainLine(error.detail, kDetailBytesMax));
  return std::move(writer).Take();
}

base::Result<FailureReply> DecodeFailure(RequestId id, std::span<const std::byte> body) {
  base::ByteReader reader(body);
  const auto code = CodeOfWire(reader.Read<uint8_t>());
  reader.ReadZeros(3);
  FailureReply failure{.id = id, .error = {}};
  failure.error.public_message = reader.ReadText(kPublicMessageBytesMax);
  failure.error.detail = reader.ReadText(kDetailBytesMax);
  if (!reader.finished()) return Breach("a failure that does not parse");
  if (!code) return Breach("a failure with an unknown code");
  if (!IsPlainLine(failure.error.public_message) || !IsPlainLine(failure.error.detail)) {
    return Breach("a failure with control characters in its text");
  }
  failure.error.code = *code;
  return failure;
}

}  // namespace bulkhead::channel
