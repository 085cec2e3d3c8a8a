// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_post.h"

#include <charconv>
#include <cstdint>
#include <utility>

#include "telemetry/http_exchange.h"

namespace bulkhead::telemetry {
namespace {

std::optional<std::chrono::seconds> RetryAfterOf(std::string_view text) {
  uint32_t seconds = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace

base::Result<PostAnswer> PostJson(const OtlpOptions& options, std::string body,
                                  std::chrono::milliseconds timeout, const std::stop_token& stop) {
  HttpAsk ask{.place = {options.host, options.port, options.path},
              .user_agent = "bulkhead/" + options.service_version,
              .json = std::move(body),
              .timeout = timeout};
  BH_ASSIGN(HttpAnswer answer, ExchangeHttp(std::move(ask), stop));
  return PostAnswer{answer.status, std::move(answer.body), RetryAfterOf(answer.retry_after)};
}

}  // namespace bulkhead::telemetry
