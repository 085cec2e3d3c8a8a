// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "async/wakeup.h"
#include "base/unique_fd.h"
#include "http/server_state.h"
#include "http/tls_identity.h"

namespace bulkhead::http {

// One socket that accepts connections for a server.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(boost::asio::io_context& io, std::shared_ptr<TlsIdentity> tls,
           std::optional<uid_t> peer_uid)
      : socket_(io.get_executor()), tls_(std::move(tls)), peer_uid_(peer_uid) {}

  // kExhausted: it cannot be watched.
  base::Status Adopt(base::UniqueFd fd);

  // Accepts until Close.
  static async::Task<> Run(std::shared_ptr<Listener> self, std::shared_ptr<ServerState> server);

  // Goes on after the process had no descriptors left.
  void Resume() { resume_.Wake(); }
  void Close();
  // As Close, where the io_context may run no more.
  void Drop();

  [[nodiscard]] const std::shared_ptr<TlsIdentity>& tls() const { return tls_; }
  [[nodiscard]] std::optional<uid_t> peer_uid() const { return peer_uid_; }

 private:
  // Whether there may be more as soon as somebody comes.
  bool AcceptBatch(ServerState& server);

  boost::asio::posix::basic_stream_descriptor<async::IoExecutor> socket_;
  std::shared_ptr<TlsIdentity> tls_;
  std::optional<uid_t> peer_uid_;
  async::Wakeup resume_;
};

}  // namespace bulkhead::http
