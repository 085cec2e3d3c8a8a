// SPDX-License-Identifier: Apache-2.0
#include "http/connection_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <sys/socket.h>

namespace bulkhead::http {
namespace {

namespace asio = boost::asio;

// The plaintext of one TLS record (RFC 8446 section 5.1).
constexpr std::size_t kRecordBytes = 16'384;

}  // namespace

base::Status ConnectionSocket::Adopt(base::UniqueFd fd, int family) {
  boost::system::error_code error;
  socket_.assign(asio::generic::stream_protocol(family, 0), fd.get(), error);
  if (error) return base::OperatorError(base::Code::kExhausted, error.message());
  (void)fd.Release();
  return base::Ok();
}

StreamStep ConnectionSocket::StepOf(const boost::system::error_code& error, std::size_t bytes) {
  if (!error) return {.end = StreamEnd::kMoved, .bytes = bytes};
  if (error == asio::error::operation_aborted) return {.end = StreamEnd::kReadWait};
  if (error == asio::error::eof) return {.end = StreamEnd::kClosed};
  return {.end = StreamEnd::kBroken};
}

ConnectionSocket::Socket::wait_type ConnectionSocket::WaitType(StreamEnd wait) {
  return wait == StreamEnd::kWriteWait ? Socket::wait_write : Socket::wait_read;
}

StreamStep ConnectionSocket::TryWrite(std::span<const iovec> pieces) {
  if (tls_ != nullptr) return TryWriteTls(pieces);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // sendmsg does not write there
  message.msg_iovlen = pieces.size();
  const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return {.end = StreamEnd::kMoved, .bytes = static_cast<std::size_t>(sent)};
  if (errno == EAGAIN || errno == EINTR) return {.end = StreamEnd::kWriteWait};
  return {.end = StreamEnd::kBroken};
}

// Small pieces share a record. A write that has to be repeated begins with the same bytes again, as
// the caller's position did not move.
StreamStep ConnectionSocket::TryWriteTls(std::span<const iovec> pieces) {
  if (pieces.front().iov_len >= kRecordBytes || pieces.size() == 1) {
    return tls_->Write(
        {static_cast<const std::byte*>(pieces.front().iov_base), pieces.front().iov_len});
  }
  std::array<std::byte, kRecordBytes> record;
  std::size_t filled = 0;
  for (const iovec& piece : pieces) {
    const std::size_t count = std::min(piece.iov_len, record.size() - filled);
    std::memcpy(record.data() + filled, piece.iov_base, count);
    filled += count;
  }
  return tls_->Write(std::span(record).first(filled));
}

async::Task<bool> ConnectionSocket::Wait(StreamEnd wait) {
  const auto [error] = co_await socket_.async_wait(
      WaitType(wait), asio::as_tuple(asio::use_awaitable_t<async::IoExecutor>()));
  co_return !error;
}

void ConnectionSocket::Cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void ConnectionSocket::CloseSending() {
  boost::system::error_code ignored;
  if (tls_ != nullptr) tls_->Close();
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void ConnectionSocket::Break() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.cancel(ignored);
}

}  // namespace bulkhead::http
