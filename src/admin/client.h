// SPDX-License-Identifier: Apache-2.0
// Requests to the admin API over its Unix socket.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulkhead::admin {

struct Request {
  std::string_view method;  // "GET", ...
  std::string target;       // "/admin/tenants"
  std::string_view content_type = "application/json";
  std::span<const std::byte> body;
  std::chrono::seconds timeout{150};
};

struct Answer {
  int status = 0;
  std::string body;
};

// One request on a connection of its own; blocks. An answer is whatever the server said, errors
// included. kUnavailable: nobody listens there, or the connection broke; the detail says what to
// do. kDenied: not for this user. kDeadline: no answer in time; what was asked may happen all the
// same.
base::Result<Answer> Send(const std::filesystem::path& socket, const Request& request);

}  // namespace bulkhead::admin
