// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger_command.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "base/home_folder.h"
#include "cli/admin_command.h"
#include "cli/ledger_export.h"
#include "cli/ledger_find.h"

namespace bulkhead::cli {
namespace {

constexpr const char* kAbout =
    "Writes what tenants used, hour by hour, as files for a billing system. Each record of the\n"
    "ledger is given once: the ledger itself keeps how far it was exported.";

constexpr const char* kManual =
    "WHAT IS WRITTEN\n"
    "  DIR/LEDGER-FROM-TO.FORMAT.json, named after the ledger and the records that were added up.\n"
    "  An hour is given a minute after its end, as one event for each tenant, model, version and\n"
    "  outcome. What is found later (a result that could not be delivered, say) is an event of "
    "its\n"
    "  own; none is ever changed. Tenants stand there by id: bulkhead tenant list --json.\n\n"
    "FORMATS\n"
    "  cloudevents  one JSON batch: POST it as application/cloudevents-batch+json (OpenMeter:\n"
    "               /api/v1/events). A meter sums data.billed_frames of type bulkhead.frames\n"
    "  lago         each line is the body of one POST /api/v1/events/batch; code bulkhead_frames\n"
    "  stripe       each line has the fields of one POST /v1/billing/meter_events; event_name\n"
    "               bulkhead_frames. Put the customer's id in the place of the tenant's\n"
    "  Of the last two, events that bill nothing are left out.\n\n"
    "AFTER A FAILURE\n"
    "  Run it again. A file counts as given when it is on the disk; until then the same file is\n"
    "  written again, under the same name and with the same ids. Receivers know ids for a day\n"
    "  (OpenMeter, Stripe), so a file may be sent twice within it. An export that was interrupted\n"
    "  longer ago is refused: compare the receiver's totals with bulkhead usage, then decide for\n"
    "  --replay-old.\n\n"
    "EXAMPLE\n"
    "  bulkhead ledger export --to /var/spool/usage --format cloudevents\n\n"
    "EXIT STATUS\n"
    "  0  everything that was to be given is written, if there was anything\n"
    "  1  it could not be written; the line says why and what to do\n"
    "  2  the command line is wrong";

}  // namespace

void AddLedgerExportCommand(CLI::App& ledger, const Console& console, int& exit_status) {
  CLI::App* command = nullptr;
  const auto given = AddAdminCommand<ExportArguments>(
      ledger, command, "export", kAbout, exit_status,
      [&console](const ExportArguments& arguments) { return RunLedgerExport(arguments, console); });
  command->add_option("--to", given->folder, "the folder to write to; it must be there")
      ->required()
      ->check(CLI::ExistingDirectory.description(""))
      ->type_name("DIR");
  command->add_option("--format", given->format, "for whom")
      ->check(CLI::IsMember({"cloudevents", "lago", "stripe"}).description(""))
      ->type_name("cloudevents|lago|stripe")
      ->capture_default_str();
  command->add_flag(
      "--replay-old", given->replay_old,
      "write an interrupted export again though receivers may have forgotten its ids");
  command->footer(kManual);
}

void AddLedgerFindCommand(CLI::App& ledger, const Console& console, int& exit_status) {
  CLI::App& command = *ledger.add_subcommand(
      "find",
      "Says which record a receipt stands for: whose frame, when, and whether it is billed.\n"
      "Tenants cannot read their receipts, which would tell them how much others send. Needs no\n"
      "gateway; one may run beside. Reads the whole ledger.");
  const auto given = std::make_shared<FindArguments>();
  given->state = base::HomeFolder() / "gateway";
  command
      .add_option("receipts", given->receipts,
                  "as Bulkhead-Receipt said; -: one per line of standard input")
      ->required()
      ->type_name("RECEIPT");
  command.add_option("--state-dir", given->state, "the gateway's [gateway in BULKHEAD_HOME]")
      ->type_name("DIR");
  command.add_flag("--json", given->json, "print JSON instead of text");
  command.footer(
      "EXIT STATUS\n  0  each receipt has a record\n"
      "  1  one has none, or the ledger cannot be read\n  2  the command line is wrong");
  command.callback(
      [given, &console, &exit_status] { exit_status = RunLedgerFind(*given, console); });
}

}  // namespace bulkhead::cli
