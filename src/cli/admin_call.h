// SPDX-License-Identifier: Apache-2.0
// What all commands share that speak to a gateway's admin API.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "cli/console.h"

namespace bulkhead::cli {

struct AdminArguments {
  std::string socket;  // empty: the one in HomeFolder()
  bool json = false;
};

// The server's problems come as errors whose detail is its sentence.
base::Result<nlohmann::json> CallAdmin(const AdminArguments& arguments, std::string_view method,
                                       const std::string& target);
base::Result<nlohmann::json> CallAdmin(const AdminArguments& arguments, std::string_view method,
                                       const std::string& target, const nlohmann::json& body);
base::Result<nlohmann::json> UploadAdmin(const AdminArguments& arguments, const std::string& target,
                                         std::span<const std::byte> body);

// A name as part of a target; it cannot reach another one.
std::string Segment(std::string_view name);

// Prints the document, as JSON or as `render` has it, or the error. The exit status.
int ReportAdmin(const AdminArguments& arguments, const Console& console, std::string_view command,
                const base::Result<nlohmann::json>& answer,
                const std::function<std::string(const nlohmann::json&)>& render);

// "2026-11-22 14:03" in UTC; "-" for null.
std::string TimeText(const nlohmann::json& unix_ms);

// A value as a cell: texts as they are, "-" for null.
std::string CellText(const nlohmann::json& value);

}  // namespace bulkhead::cli
