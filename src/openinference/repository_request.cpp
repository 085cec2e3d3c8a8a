// SPDX-License-Identifier: Apache-2.0
#include "openinference/repository_request.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "openinference/quoted.h"

namespace bulkhead::openinference {
namespace {

constexpr std::size_t kBodyBytesMax = 64 << 10;
constexpr std::size_t kDepthMax = 16;

base::Result<nlohmann::json> ParseObject(std::span<const std::byte> body) {
  if (body.empty()) return nlohmann::json::object();
  if (body.size() > kBodyBytesMax) {
    return base::PublicError(base::Code::kInvalid,
                             fmt::format("the body has at most {} bytes", kBodyBytesMax));
  }
  bool too_deep = false;
  const auto depth_limit = [&](int depth, nlohmann::json::parse_event_t /*event*/,
                               nlohmann::json& /*parsed*/) {
    too_deep = too_deep || depth > static_cast<int>(kDepthMax);
    return !too_deep;
  };
  const auto* const text = reinterpret_cast<const char*>(body.data());
  nlohmann::json document =
      nlohmann::json::parse(text, text + body.size(), depth_limit, /*allow_exceptions=*/false);
  if (!too_deep && document.is_object()) return document;
  return base::PublicError(base::Code::kInvalid, "the body must be empty or a JSON object");
}

}  // namespace

base::Result<RepositoryIndexQuery> ParseRepositoryIndexQuery(std::span<const std::byte> body) {
  BH_ASSIGN(const nlohmann::json document, ParseObject(body));
  const auto ready = document.find("ready");
  if (ready == document.end()) return RepositoryIndexQuery{};
  if (!ready->is_boolean()) {
    return base::PublicError(base::Code::kInvalid, R"("ready" must be true or false)");
  }
  return RepositoryIndexQuery{.ready_only = ready->get<bool>()};
}

base::Status CheckRepositoryParameter(std::string_view name) {
  if (name != "config" && !name.starts_with("file:")) return base::Ok();
  return base::PublicError(
      base::Code::kUnsupported,
      fmt::format("parameter {} is not served: a load runs the model as it was pushed",
                  Quoted(name)));
}

base::Status CheckRepositoryParameters(std::span<const std::byte> body) {
  BH_ASSIGN(const nlohmann::json document, ParseObject(body));
  const auto parameters = document.find("parameters");
  if (parameters == document.end()) return base::Ok();
  if (!parameters->is_object()) {
    return base::PublicError(base::Code::kInvalid, R"("parameters" must be an object)");
  }
  for (const auto& [name, value] : parameters->items()) BH_TRY(CheckRepositoryParameter(name));
  return base::Ok();
}

}  // namespace bulkhead::openinference
