// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/home_folder.h"
#include "cli/admin_command.h"
#include "cli/deploy_command.h"
#include "cli/ledger_command.h"
#include "cli/table.h"
#include "meter/verify.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

struct UsageArguments {
  AdminArguments admin;
  std::string tenant;
  int64_t from_unix_ms = 0;
  bool hours = false;
};

struct VerifyArguments {
  std::filesystem::path folder;
  bool json = false;
};

struct Totals {
  uint64_t ok = 0;
  uint64_t failed = 0;
  uint64_t undelivered = 0;
  uint64_t compute_us = 0;
};

// Tenant, model, version, and the hour where hours are told apart.
using UsageKey = std::tuple<std::string, std::string, std::string, std::string>;

std::string UsageTable(const json& answer, bool hours) {
  std::map<UsageKey, Totals> totals;
  for (const json& row : answer["rows"]) {
    Totals& sum = totals[{CellText(row["tenant"]), CellText(row["model"]), CellText(row["version"]),
                          hours ? TimeText(row["hour_unix_ms"]) : ""}];
    const auto frames = row["frames"].get<uint64_t>();
    const std::string outcome = CellText(row["outcome"]);
    (outcome == "ok" ? sum.ok : outcome == "failed" ? sum.failed : sum.undelivered) += frames;
    if (outcome == "ok") sum.compute_us += row["compute_us"].get<uint64_t>();
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, sum] : totals) {
    const auto& [tenant, model, version, hour] = key;
    std::vector<std::string> row{tenant,
                                 model,
                                 version,
                                 std::to_string(sum.ok - sum.undelivered),
                                 std::to_string(sum.failed),
                                 std::to_string(sum.undelivered),
                                 fmt::format("{:.1f}", static_cast<double>(sum.compute_us) / 1e6)};
    if (hours) row.insert(row.begin(), hour);
    rows.push_back(std::move(row));
  }
  std::vector<std::string> heading{"TENANT", "MODEL",       "VERSION",  "BILLED",
                                   "FAILED", "UNDELIVERED", "COMPUTE S"};
  if (hours) heading.insert(heading.begin(), "HOUR (UTC)");
  return Table(heading, rows);
}

int Usage(const UsageArguments& given, const Console& console) {
  std::string target = fmt::format("/admin/usage?from={}", given.from_unix_ms);
  if (!given.tenant.empty()) target += "&tenant=" + Segment(given.tenant);
  return ReportAdmin(given.admin, console, "usage", CallAdmin(given.admin, "GET", target),
                     [&](const json& answer) { return UsageTable(answer, given.hours); });
}

json TotalJson(const meter::OutcomeTotal& total) {
  return {{"records", total.records}, {"frames", total.frames}};
}

json ReportJson(const meter::VerifyReport& report) {
  json findings = json::array();
  for (const meter::Finding& finding : report.findings) {
    findings.push_back(
        {{"file", finding.file}, {"offset", finding.offset}, {"what", finding.what}});
  }
  return {{"ledger", report.ledger_id},         {"sound", report.sound()},
          {"segments", report.segments},        {"epochs", report.epochs},
          {"records", report.records},          {"ok", TotalJson(report.ok)},
          {"failed", TotalJson(report.failed)}, {"undelivered", TotalJson(report.undelivered)},
          {"torn_bytes", report.torn_bytes},    {"exports", report.exports},
          {"findings", std::move(findings)}};
}

std::string ReportText(const meter::VerifyReport& report) {
  std::string text = fmt::format(
      "ledger {}: {} records in {} segments, {} epochs\n"
      "  ok {} frames, failed {}, undelivered {}; billed {}\n",
      report.ledger_id, report.records, report.segments, report.epochs, report.ok.frames,
      report.failed.frames, report.undelivered.frames,
      report.ok.frames - report.undelivered.frames);
  if (report.torn_bytes > 0) {
    text += fmt::format("  {} bytes at its end were never acknowledged\n", report.torn_bytes);
  }
  for (const meter::Finding& finding : report.findings) {
    text += fmt::format("  {} at {}: {}\n", finding.file, finding.offset, finding.what);
  }
  return text + (report.sound() ? "sound\n" : "NOT SOUND\n");
}

int Verify(const VerifyArguments& given, const Console& console) {
  const auto report = meter::Verify(given.folder);
  if (!report.ok()) {
    PrintError(console, "ledger verify", given.folder.string(), report.error());
    return kFailure;
  }
  *console.out << (given.json ? ReportJson(report.value()).dump(2) + "\n"
                              : ReportText(report.value()));
  return report.value().sound() ? kSuccess : kFailure;
}

}  // namespace

void AddUsageCommands(CLI::App& program, const Console& console, int& exit_status) {
  CLI::App* command = nullptr;
  const auto usage = AddAdminCommand<UsageArguments>(
      program, command, "usage",
      "Says what tenants used: frames that are billed (delivered results), that failed, and whose\n"
      "result could not be delivered.",
      exit_status, [&console](const UsageArguments& given) { return Usage(given, console); });
  command->add_option("--tenant", usage->tenant, "only this one")->type_name("TENANT");
  command->add_option("--from", usage->from_unix_ms, "from this hour on, milliseconds since 1970")
      ->type_name("TIME");
  command->add_flag("--hours", usage->hours, "hour by hour");
  CLI::App& ledger = *program.add_subcommand("ledger", "Works with the ledger of metered frames.");
  ledger.require_subcommand(1);
  CLI::App& verify = *ledger.add_subcommand(
      "verify",
      "Reads a whole ledger and says whether anything in it was lost, doubled or changed.\n"
      "Needs no gateway; one may run beside.");
  const auto arguments = std::make_shared<VerifyArguments>();
  arguments->folder = base::HomeFolder() / "gateway" / "ledger";
  verify.add_option("folder", arguments->folder, "[gateway/ledger in BULKHEAD_HOME]")
      ->type_name("DIR");
  verify.add_flag("--json", arguments->json, "print JSON instead of text");
  verify.footer(
      "EXIT STATUS\n  0  it is sound\n  1  it is not, or cannot be read\n"
      "  2  the command line is wrong");
  verify.callback(
      [arguments, &console, &exit_status] { exit_status = Verify(*arguments, console); });
  AddLedgerExportCommand(ledger, console, exit_status);
  AddLedgerFindCommand(ledger, console, exit_status);
}

}  // namespace bulkhead::cli
