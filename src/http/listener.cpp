// SPDX-License-Identifier: Apache-2.0
#include "http/listener.h"

#include <cerrno>
#include <utility>

#include <boost/asio/as_tuple.hpp>

namespace bulkhead::http {
namespace {

namespace asio = boost::asio;

// Accepted one after the other before the connections that are open get their turn again.
constexpr int kBatch = 64;

}  // namespace

base::Status Listener::Adopt(base::UniqueFd fd) {
  boost::system::error_code error;
  socket_.assign(fd.get(), error);
  if (error) return base::OperatorError(base::Code::kExhausted, error.message());
  (void)fd.Release();
  return base::Ok();
}

async::Task<> Listener::Run(std::shared_ptr<Listener> self, std::shared_ptr<ServerState> server) {
  for (;;) {
    const auto [error] = co_await self->socket_.async_wait(
        asio::posix::descriptor_base::wait_read,
        asio::as_tuple(asio::use_awaitable_t<async::IoExecutor>()));
    if (error || !self->socket_.is_open()) co_return;
    if (!self->AcceptBatch(*server)) co_await self->resume_.Wait();
    if (!self->socket_.is_open()) co_return;
  }
}

bool Listener::AcceptBatch(ServerState& server) {
  for (int i = 0; i < kBatch; ++i) {
    Accepted accepted = AcceptNext(socket_.native_handle());
    if (accepted.fd.valid()) {
      server.Admit(std::move(accepted), *this);
      continue;
    }
    switch (accepted.error) {
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        // Somebody waits, and the kernel would say so without end.
        ++server.counts.shed_descriptors;
        return false;
      case EAGAIN:
        return true;
      default:
        break;  // of one client that is gone already
    }
  }
  return true;
}

void Listener::Close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  resume_.Wake();
}

void Listener::Drop() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  resume_.Drop();
}

}  // namespace bulkhead::http
