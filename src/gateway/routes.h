// SPDX-License-Identifier: Apache-2.0
// What all routes share: what they work on, and a request whose caller is known.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "async/shared_thread.h"
#include "async/task.h"
#include "base/result.h"
#include "fleet/fleet.h"
#include "gateway/accounts.h"
#include "gateway/denials.h"
#include "gateway/inference.h"
#include "gateway/path.h"
#include "gateway/statistics.h"
#include "gateway/tracing.h"
#include "http/message.h"

namespace bulkhead::gateway {

struct RouteParts {
  boost::asio::io_context& io;
  Accounts& accounts;
  fleet::Fleet& fleet;
  Inference& inference;
  Statistics& statistics;
  Denials& denials;
  const Tracer& tracer;
  async::SharedThread& large_json;  // for bodies that would hold up everybody else
  std::string version;              // of this program
  std::function<bool()> ready;      // whether requests can be served at all
  // Loads or unloads a deployed model of the caller's and waits for what comes of it. kNotFound,
  // kUnavailable with a public message.
  std::function<async::Task<base::Status>(Caller, tenant::ModelName, bool load)> set_loaded;
};

struct RoutedRequest {
  http::Request& http;
  const http::RequestScope& scope;
  Path path;
  Caller caller;
  std::string request_id;
  Trace trace;
  Denials& denials;
};

// A request for a model to run, from here to its answer, for its trace and for the counts. Null
// where nothing is traced.
Trace BeginTrace(const RouteParts& parts, const std::optional<std::string_view>& traceparent,
                 std::string_view name, const Caller& caller, const std::string& model,
                 std::chrono::nanoseconds arrived);
// `status`: HTTP's, or what it would have been. A request whose client went away is not counted:
// whose fault that was nobody can say.
void EndTrace(const RouteParts& parts, const Trace& trace, const std::string& tenant_name,
              bool cancelled, int status);

// Which model is asked.
Asked AskedOf(const RoutedRequest& request, tenant::ModelName model);

// The same bytes for a model that is not there and for one of another tenant's.
base::Error NoSuchModel();

// An error of the request as a response, with when to come back. One for who asked is counted for
// the audit log.
http::Response FailureResponse(const RoutedRequest& request, const Failure& failure);

// Adds the receipt, and takes the metered result back if the response could not be written.
void AddReceipt(const RouteParts& parts, Receipt receipt, http::Response& response);

}  // namespace bulkhead::gateway
