// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_call.h"

#include <ctime>
#include <ostream>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "admin/client.h"
#include "base/home_folder.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

base::Code CodeOf(int status) {
  switch (status) {
    case 400:
    case 413:
    case 422:
      return base::Code::kInvalid;
    case 404:
      return base::Code::kNotFound;
    case 409:
      return base::Code::kConflict;
    case 403:
      return base::Code::kDenied;
    case 429:
      return base::Code::kExhausted;
    case 503:
      return base::Code::kUnavailable;
    case 504:
      return base::Code::kDeadline;
    default:
      return base::Code::kInternal;
  }
}

base::Result<json> Exchange(const AdminArguments& arguments, const admin::Request& request) {
  const std::filesystem::path socket = arguments.socket.empty()
                                           ? base::HomeFolder() / "gateway" / "admin.sock"
                                           : std::filesystem::path(arguments.socket);
  BH_ASSIGN(const admin::Answer answer, admin::Send(socket, request));
  if (answer.status == 204) return json::object();
  json document = json::parse(answer.body, nullptr, false);
  if (answer.status >= 200 && answer.status < 300 && !document.is_discarded()) return document;
  const bool problem =
      document.is_object() && document.contains("detail") && document["detail"].is_string();
  return base::OperatorError(CodeOf(answer.status),
                             problem ? document["detail"].get<std::string>()
                                     : fmt::format("the gateway answered {}", answer.status));
}

}  // namespace

base::Result<json> CallAdmin(const AdminArguments& arguments, std::string_view method,
                             const std::string& target) {
  admin::Request request;
  request.method = method;
  request.target = target;
  return Exchange(arguments, request);
}

base::Result<json> CallAdmin(const AdminArguments& arguments, std::string_view method,
                             const std::string& target, const json& body) {
  const std::string text = body.dump(-1, ' ', false, json::error_handler_t::replace);
  admin::Request request;
  request.method = method;
  request.target = target;
  request.body = std::as_bytes(std::span(text));
  return Exchange(arguments, request);
}

base::Result<json> UploadAdmin(const AdminArguments& arguments, const std::string& target,
                               std::span<const std::byte> body) {
  admin::Request request;
  request.method = "POST";
  request.target = target;
  request.content_type = "application/octet-stream";
  request.body = body;
  return Exchange(arguments, request);
}

std::string Segment(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

int ReportAdmin(const AdminArguments& arguments, const Console& console, std::string_view command,
                const base::Result<json>& answer,
                const std::function<std::string(const json&)>& render) {
  if (!answer.ok()) {
    PrintError(console, command, "", answer.error());
    return kFailure;
  }
  if (arguments.json) {
    *console.out << answer.value().dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  } else {
    *console.out << render(answer.value());
  }
  return kSuccess;
}

std::string TimeText(const json& unix_ms) {
  if (!unix_ms.is_number_integer()) return "-";
  return fmt::format("{:%Y-%m-%d %H:%M}",
                     fmt::gmtime(static_cast<std::time_t>(unix_ms.get<int64_t>() / 1000)));
}

std::string CellText(const json& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace bulkhead::cli
