// SPDX-License-Identifier: Apache-2.0
// Non-blocking steps on a connected Unix stream socket, whatever its own mode is. No signals.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "channel/limits.h"
#include "channel/messages.h"

namespace bulkhead::channel {

// Bytes to send, in pieces so that a picture is sent from where it lies.
struct Outgoing {
  // A front, and a picture or the inputs of a graph.
  static constexpr std::size_t kPiecesMax = 1 + kGraphTensorsMax;

  std::vector<std::span<const std::byte>> pieces;  // kPiecesMax at most

  [[nodiscard]] bool empty() const {
    return std::ranges::all_of(pieces, [](const auto& piece) { return piece.empty(); });
  }
  void Drop(std::size_t count);
};

base::Error OutOfTime();  // kDeadline

// Sends what the socket takes now, and drops that. kUnavailable: the other end is gone.
base::Status SendSome(int socket, Outgoing& outgoing);

// Reads what is there now, 0 bytes when nothing is. kUnavailable: the other end closed.
base::Result<std::size_t> ReceiveSome(int socket, std::span<std::byte> buffer);

// Waits until there is something to read (the end included), or room to write when that is asked
// for. True: there is something to read. kDeadline: `until` came; always, when it has passed.
base::Result<bool> AwaitSocket(int socket, bool or_writable, Deadline until);

}  // namespace bulkhead::channel
