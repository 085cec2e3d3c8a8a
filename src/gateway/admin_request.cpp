// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_request.h"

#include <array>
#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/base62.h"
#include "base/random_bytes.h"
#include "gateway/http_error.h"

namespace bulkhead::gateway {
namespace {

constexpr std::size_t kIdChars = 16;

}  // namespace

http::Response AdminJson(int status, const nlohmann::json& document) {
  return http::MakeResponse(
      status, "application/json",
      document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

base::Error ForOperator(base::Error error) {
  if (!error.detail.empty()) error.public_message = error.detail;
  return error;
}

http::Response AdminError(const base::Error& error) {
  return Problem(HttpStatusOf(error.code), ForOperator(error).public_message, "");
}

http::Response AdminDone() {
  http::Response response;
  response.status = 204;
  return response;
}

std::string_view TextOf(const http::Request& request) {
  return {reinterpret_cast<const char*>(request.body.data()), request.body.size()};
}

base::Result<const tenant::Tenant*> TenantNamed(const tenant::Directory& directory,
                                                std::string_view name) {
  const tenant::Tenant* found = directory.FindTenantByName(name);
  if (found == nullptr) {
    return base::PublicError(base::Code::kNotFound, "there is no tenant " + std::string(name) +
                                                        "; bulkhead tenant list names them");
  }
  return found;
}

base::Result<std::string> NewIdText() {
  std::array<std::byte, 2 * kIdChars> chance{};
  for (;;) {
    BH_TRY(base::FillRandom(chance));
    // Too few usable bytes are rare, and there is more chance to be had.
    if (auto text = base::RandomBase62(chance, kIdChars)) return *std::move(text);
  }
}

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace bulkhead::gateway
