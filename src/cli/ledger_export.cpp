// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger_export.h"

#include <cstdint>
#include <filesystem>
#include <ostream>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/write_file.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

constexpr std::string_view kCloudEvents = "cloudevents";

// A CloudEvents batch is a request's whole body; of the others each line is one.
std::string FileName(const json& batch, const std::string& format) {
  return fmt::format("{}-{}-{}.{}.{}", batch["ledger"].get<std::string>(),
                     batch["from"].get<uint64_t>(), batch["to"].get<uint64_t>(), format,
                     format == kCloudEvents ? "json" : "jsonl");
}

base::Status WriteBodies(const std::filesystem::path& path, const json& bodies) {
  std::string content;
  for (const json& body : bodies) content += body.get<std::string>() + '\n';
  return base::WriteFile(path, std::as_bytes(std::span(content)), base::Durable::kNow);
}

// Null when nothing is to be exported, else what was done.
base::Result<json> ExportOnce(const ExportArguments& given) {
  const json question{{"format", given.format}, {"replay_old", given.replay_old}};
  BH_ASSIGN(const json answer, CallAdmin(given.admin, "POST", "/admin/ledger/export", question));
  const json batch = answer.value("export", json());
  if (batch.is_null()) return batch;
  json done{{"path", nullptr},
            {"events", batch["events"]},
            {"from", batch["from"]},
            {"to", batch["to"]},
            {"again", batch["again"]}};
  if (!batch["bodies"].empty()) {
    const std::filesystem::path folder = given.folder;
    const std::filesystem::path path = folder / FileName(batch, given.format);
    if (base::Status written = WriteBodies(path, batch["bodies"]); !written.ok()) {
      return base::WithContext(std::move(written).error(), path.string());
    }
    done["path"] = path.string();
  }
  const json range{{"from", batch["from"]}, {"to", batch["to"]}};
  BH_ASSIGN(const json ended, CallAdmin(given.admin, "POST", "/admin/ledger/export/done", range));
  return done;
}

std::string Line(const json& done) {
  const std::string range =
      fmt::format("records {} to {}", done["from"].get<uint64_t>(), done["to"].get<uint64_t>());
  if (done["path"].is_null()) return fmt::format("{}: nothing to bill\n", range);
  return fmt::format("{}: {} events of {}{}\n", done["path"].get<std::string>(),
                     done["events"].get<uint64_t>(), range,
                     done["again"].get<bool>() ? ", which were begun before" : "");
}

}  // namespace

int RunLedgerExport(const ExportArguments& given, const Console& console) {
  json exports = json::array();
  for (;;) {
    const auto done = ExportOnce(given);
    if (!done.ok()) {
      PrintError(console, "ledger export", "", done.error());
      return kFailure;
    }
    if (done.value().is_null()) break;
    if (!given.admin.json) *console.out << Line(done.value());
    exports.push_back(done.value());
  }
  if (given.admin.json) {
    *console.out << json{{"exports", exports}}.dump(2) << '\n';
  } else if (exports.empty()) {
    *console.out << "nothing to export: an hour is given a minute after its end\n";
  }
  return kSuccess;
}

}  // namespace bulkhead::cli
