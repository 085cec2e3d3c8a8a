// SPDX-License-Identifier: Apache-2.0
// The gateway's end of a worker's frames socket, without the socket: bytes in, events out. The
// worker runs a tenant's model on a tenant's pictures and is taken for hostile: whatever it says is
// checked, and the first thing that no worker of ours would say ends the session.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "channel/messages.h"

namespace bulkhead::channel {

using ClientEvent = std::variant<Hello, DetectReply, FailureReply>;

// One thread at a time; no I/O, no clock.
class ClientSession {
 public:
  // The bytes to send for a request: header and options first, then `request.encoded` as it is.
  // kExhausted: frames_in_flight_max are outstanding. kConflict: before Hello, after Drain, or an
  // id that is outstanding. kInvalid: empty, or over the limits of a message.
  base::Result<std::vector<std::byte>> Begin(const DetectRequest& request);

  // kNotFound: not outstanding.
  base::Result<std::vector<std::byte>> Cancel(RequestId id);
  std::vector<std::byte> BeginDrain();

  // Bytes that came from the worker, in any pieces. Returns what they completed.
  //
  // kCorrupt, for good: the worker broke the protocol. The detail names the rule (bad header, a
  // body over the limit, a reply to nothing or the second to the same request, a count over what
  // was asked for, a number that is not finite, a box outside the picture, a class that the model
  // has not, bytes left over). The caller ends the worker.
  base::Result<std::vector<ClientEvent>> Receive(std::span<const std::byte> bytes);

  // Where the next bytes should be read to, and how many at most: never more than the message that
  // is arriving still needs, so that a flooding worker cannot fill the client's memory.
  std::span<std::byte> ReceiveBuffer();

  [[nodiscard]] std::size_t outstanding() const;
  // Set once Hello came.
  [[nodiscard]] const Hello* hello() const;
};

}  // namespace bulkhead::channel
