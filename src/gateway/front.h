// SPDX-License-Identifier: Apache-2.0
// The first thing that every HTTP request meets: its path, its method, its key.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "gateway/routes.h"
#include "http/server.h"

namespace bulkhead::gateway {

// Lives on the I/O thread, as long as its server.
class Front {
 public:
  // `process_tag` makes request ids of one process differ from those of others.
  Front(RouteParts parts, std::string process_tag);

  // For an http::Server.
  [[nodiscard]] http::Handlers Handlers();

 private:
  struct Known;
  async::Task<http::Response> Handle(http::Request& request, const http::RequestScope& scope);
  // What needs no key, or a key that is to be looked at again.
  async::Task<http::Response> HandleUnknown(http::Request& request,
                                            const http::RequestScope& scope);
  async::Task<http::Response> Dispatch(RoutedRequest request);
  // A request for a model to run: counted and traced.
  async::Task<http::Response> Infer(RoutedRequest request);
  // The key is looked at before a body is read.
  http::HeadDecision OnHead(const http::Request& head);
  base::Result<Caller> CallerOf(const http::Request& request);
  http::Response RefuseCaller(const http::Request& request, const base::Error& error);
  std::string NextRequestId();

  RouteParts parts_;
  std::string process_tag_;
  std::array<std::byte, 512> chance_{};  // of the next request ids
  std::size_t chance_used_ = chance_.size();
};

}  // namespace bulkhead::gateway
