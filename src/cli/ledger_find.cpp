// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger_find.h"

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <ostream>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/read_file.h"
#include "cli/admin_call.h"
#include "cli/terminal_text.h"
#include "meter/read_entries.h"
#include "meter/receipts.h"
#include "meter/verify.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kPepperBytes = 32;

// By id, the receipt as it was named.
using Wanted = std::map<meter::RecordId, std::string>;

std::vector<std::string> NamedReceipts(const FindArguments& given) {
  std::vector<std::string> names;
  for (const std::string& name : given.receipts) {
    if (name != "-") {
      names.push_back(name);
      continue;
    }
    for (std::string line; std::getline(std::cin, line);) names.push_back(line);
  }
  return names;
}

base::Result<Wanted> Read(const FindArguments& given, const std::string& ledger_id) {
  BH_ASSIGN(const auto pepper, base::ReadFile(given.state / "pepper", kPepperBytes));
  const meter::Receipts receipts(ledger_id, pepper);
  Wanted wanted;
  for (const std::string& name : NamedReceipts(given)) {
    auto id = receipts.Read(name);
    if (!id.ok()) return base::WithContext(std::move(id).error(), EscapeForTerminal(name));
    wanted.emplace(id.value(), name);
  }
  return wanted;
}

json RecordJson(const std::string& receipt, meter::RecordId id, const meter::FrameRecord& record,
                bool taken_back) {
  return {{"receipt", receipt},
          {"epoch", id.epoch},
          {"sequence", id.sequence},
          {"outcome", meter::OutcomeName(record.outcome)},
          {"taken_back", taken_back},
          {"tenant_id", record.tenant},
          {"key", record.key},
          {"model", record.model},
          {"version", record.version},
          {"frames", record.frames},
          {"bytes_in", record.bytes_in},
          {"width", record.width},
          {"height", record.height},
          {"compute_us", record.compute_us},
          {"time_unix_ms", record.time_unix_ms}};
}

// In the order of the ledger.
base::Result<json> Find(const FindArguments& given) {
  const std::filesystem::path folder = given.state / "ledger";
  BH_ASSIGN(const meter::VerifyReport report, meter::Verify(folder));
  BH_ASSIGN(const Wanted wanted, Read(given, report.ledger_id));
  std::map<meter::RecordId, meter::FrameRecord> found;
  std::set<meter::RecordId> taken_back;
  BH_TRY(meter::ReadEntries(folder, 0, report.records, [&](const meter::PlacedEntry& placed) {
    const auto* record = std::get_if<meter::FrameRecord>(&placed.entry);
    if (record == nullptr) return base::Ok();
    if (wanted.contains(placed.id)) found.emplace(placed.id, *record);
    if (record->outcome == meter::Outcome::kUndelivered && wanted.contains(record->about)) {
      taken_back.insert(record->about);
    }
    return base::Ok();
  }));
  json records = json::array();
  for (const auto& [id, receipt] : wanted) {
    const auto record = found.find(id);
    if (record == found.end()) {
      return base::OperatorError(base::Code::kNotFound,
                                 EscapeForTerminal(receipt) + " is the receipt of no record");
    }
    records.push_back(RecordJson(receipt, id, record->second, taken_back.contains(id)));
  }
  return records;
}

std::string Line(const json& record) {
  return fmt::format(
      "{}: {} UTC, tenant {}, key {}, {} version {}, {} frames {}{}\n", CellText(record["receipt"]),
      TimeText(record["time_unix_ms"]), CellText(record["tenant_id"]), CellText(record["key"]),
      CellText(record["model"]), CellText(record["version"]), CellText(record["frames"]),
      CellText(record["outcome"]), record["taken_back"].get<bool>() ? ", taken back" : "");
}

}  // namespace

int RunLedgerFind(const FindArguments& given, const Console& console) {
  const auto records = Find(given);
  if (!records.ok()) {
    PrintError(console, "ledger find", "", records.error());
    return kFailure;
  }
  if (given.json) {
    *console.out << json{{"records", records.value()}}.dump(2) << '\n';
    return kSuccess;
  }
  for (const json& record : records.value()) *console.out << Line(record);
  return kSuccess;
}

}  // namespace bulkhead::cli
