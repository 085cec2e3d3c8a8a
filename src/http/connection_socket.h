// SPDX-License-Identifier: Apache-2.0
// The socket of one HTTP connection, with TLS or without.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <sys/uio.h>

#include "async/task.h"
#include "base/unique_fd.h"
#include "http/tls_stream.h"

namespace bulkhead::http {

class ConnectionSocket {
 public:
  ConnectionSocket(boost::asio::io_context& io, std::unique_ptr<TlsStream> tls)
      : socket_(io.get_executor()), tls_(std::move(tls)) {}

  // Takes over a socket that does not block. kExhausted: it cannot be watched.
  base::Status Adopt(base::UniqueFd fd, int family);

  // Calls `done(StreamStep)` from the io_context, once: when something was read, the other end
  // closed or is gone, or, with kReadWait, after Cancel. One read at a time.
  template <typename Done>
  void AsyncRead(std::span<std::byte> room, Done done);

  // Writes as much as goes at once.
  StreamStep TryWrite(std::span<const iovec> pieces);

  // Waits for what TryWrite said. False after Cancel, or when the connection is gone.
  async::Task<bool> Wait(StreamEnd wait);

  // What waits, ends.
  void Cancel();
  // Sends what was written and then the end; can be read still.
  void CloseSending();
  // Nothing goes in or out any more; the descriptor stays until the end of the object.
  void Break();

  [[nodiscard]] bool tls() const { return tls_ != nullptr; }
  [[nodiscard]] bool established() const { return tls_ == nullptr || tls_->established(); }

 private:
  using Socket =
      boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, async::IoExecutor>;

  static StreamStep StepOf(const boost::system::error_code& error, std::size_t bytes);
  static Socket::wait_type WaitType(StreamEnd wait);
  StreamStep TryWriteTls(std::span<const iovec> pieces);

  Socket socket_;
  std::unique_ptr<TlsStream> tls_;
};

template <typename Done>
void ConnectionSocket::AsyncRead(std::span<std::byte> room, Done done) {
  if (tls_ == nullptr) {
    socket_.async_read_some(
        boost::asio::buffer(room.data(), room.size()),
        [done = std::move(done)](const boost::system::error_code& error,
                                 std::size_t bytes) mutable { done(StepOf(error, bytes)); });
    return;
  }
  const StreamStep step = tls_->Read(room);
  if (step.end != StreamEnd::kReadWait && step.end != StreamEnd::kWriteWait) {
    boost::asio::post(socket_.get_executor(),
                      [step, done = std::move(done)]() mutable { done(step); });
    return;
  }
  socket_.async_wait(WaitType(step.end), [this, room, done = std::move(done)](
                                             const boost::system::error_code& error) mutable {
    if (error) return done(StepOf(error, 0));
    AsyncRead(room, std::move(done));
  });
}

}  // namespace bulkhead::http
