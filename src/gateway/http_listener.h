// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "base/unique_fd.h"
#include "gateway/http_server_state.h"
#include "gateway/tls_identity.h"
#include "gateway/wakeup.h"

namespace bulkhead::gateway {

// One socket that accepts connections for a server.
class HttpListener : public std::enable_shared_from_this<HttpListener> {
 public:
  HttpListener(boost::asio::io_context& io, std::shared_ptr<TlsIdentity> tls,
               std::optional<uid_t> peer_uid)
      : socket_(io.get_executor()), tls_(std::move(tls)), peer_uid_(peer_uid) {}

  // kExhausted: it cannot be watched.
  base::Status Adopt(base::UniqueFd fd);

  // Accepts until Close.
  static Task<> Run(std::shared_ptr<HttpListener> self, std::shared_ptr<HttpServerState> server);

  // Goes on after the process had no descriptors left.
  void Resume() { resume_.Wake(); }
  void Close();
  // As Close, where the io_context may run no more.
  void Drop();

  [[nodiscard]] const std::shared_ptr<TlsIdentity>& tls() const { return tls_; }
  [[nodiscard]] std::optional<uid_t> peer_uid() const { return peer_uid_; }

 private:
  // Whether there may be more as soon as somebody comes.
  bool AcceptBatch(HttpServerState& server);

  boost::asio::posix::basic_stream_descriptor<IoExecutor> socket_;
  std::shared_ptr<TlsIdentity> tls_;
  std::optional<uid_t> peer_uid_;
  Wakeup resume_;
};

}  // namespace bulkhead::gateway
