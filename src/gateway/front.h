// SPDX-License-Identifier: Apache-2.0
// The first thing that every HTTP request meets: its path, its method, its key.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "gateway/http_server.h"
#include "gateway/routes.h"

namespace bulkhead::gateway {

// Lives on the I/O thread, as long as its server.
class Front {
 public:
  // `process_tag` makes request ids of one process differ from those of others.
  Front(RouteParts parts, std::string process_tag);

  // For an HttpServer.
  [[nodiscard]] HttpHandlers Handlers();

 private:
  Task<HttpResponse> Handle(HttpRequest& request, const RequestScope& scope);
  Task<HttpResponse> Dispatch(RoutedRequest request);
  // A request for a model to run: counted and traced.
  Task<HttpResponse> Infer(RoutedRequest request);
  // The key is looked at before a body is read.
  HeadDecision OnHead(const HttpRequest& head);
  base::Result<Caller> CallerOf(const HttpRequest& request);
  HttpResponse RefuseCaller(const HttpRequest& request, const base::Error& error);
  std::string NextRequestId();

  RouteParts parts_;
  std::string process_tag_;
  std::array<std::byte, 512> chance_{};  // of the next request ids
  std::size_t chance_used_ = chance_.size();
};

}  // namespace bulkhead::gateway
