// SPDX-License-Identifier: Apache-2.0
// Sockets that wait for clients, and who comes in.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::http {

struct TcpSocket {
  base::UniqueFd fd;
  uint16_t port = 0;
};

// `host`: an address, or empty for all of IPv6 and IPv4. What is accepted sends without delay.
// kInvalid: no address. kConflict: in use. Otherwise as base::ErrnoError.
base::Result<TcpSocket> ListenTcp(const std::string& host, uint16_t port);

// Mode 0600. A socket that nobody serves is replaced. kConflict: somebody serves it. kInvalid: no
// socket is there, or the path is longer than 107 bytes. Otherwise as base::ErrnoError.
base::Result<base::UniqueFd> ListenUnix(const std::filesystem::path& path);

// An IPv4 address (within IPv6) or the /64 of an IPv6 address: what one peer has.
using PeerNetwork = std::array<uint8_t, 16>;

struct Peer {
  std::string text;                    // "203.0.113.7", "2001:db8::1", "unix:1000 pid 4711"
  std::optional<PeerNetwork> network;  // of TCP
  std::optional<uid_t> uid;            // of a Unix socket
};

struct Accepted {
  base::UniqueFd fd;  // close on exec, does not block; invalid: see `error`
  int family = 0;
  Peer peer;
  int error = 0;  // errno; EAGAIN: nobody waits
};

Accepted AcceptNext(int listener);

}  // namespace bulkhead::http
