// SPDX-License-Identifier: Apache-2.0
// The server's side of TLS on a socket that does not block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace bulkhead::http {

// A certificate with its key, ready for connections; shared by those that use it.
class TlsContext {
 public:
  // PEM texts. kInvalid: no certificate, no key, or they do not belong together.
  static base::Result<std::shared_ptr<TlsContext>> Make(std::span<const std::byte> certificate_pem,
                                                        std::span<const std::byte> key_pem);
  virtual ~TlsContext() = default;
};

enum class StreamEnd : uint8_t {
  kMoved,      // bytes went over
  kReadWait,   // none, until the socket can be read
  kWriteWait,  // none, until the socket can be written
  kClosed,     // the other end will send no more
  kBroken,     // the connection is of no use
};

struct StreamStep {
  StreamEnd end = StreamEnd::kBroken;
  std::size_t bytes = 0;  // of kMoved
};

// One connection. It does not own the socket. One thread at a time.
class TlsStream {
 public:
  // kExhausted: no memory.
  static base::Result<std::unique_ptr<TlsStream>> Accept(const TlsContext& context, int socket);
  virtual ~TlsStream() = default;

  // Shakes hands first, where that is not done.
  virtual StreamStep Read(std::span<std::byte> room) = 0;
  // After a wait, the same bytes again.
  virtual StreamStep Write(std::span<const std::byte> bytes) = 0;
  [[nodiscard]] virtual bool established() const = 0;
  // Tells the other end that no more comes, if there is room for it.
  virtual void Close() = 0;
};

}  // namespace bulkhead::http
