// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_command.h"

#include <memory>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>

#include "base/home_folder.h"
#include "cli/audit_prove.h"
#include "cli/audit_tail.h"
#include "cli/audit_verify.h"

namespace bulkhead::cli {
namespace {

constexpr const char* kVerifyManual =
    "WHAT IS FOUND\n"
    "  A record or tile that was changed, dropped, added or moved, up to the newest checkpoint; a\n"
    "  checkpoint that the log's key did not sign; a log that is older than one seen before, or "
    "has\n"
    "  another past. What came after the newest checkpoint and was cut off is not found: "
    "checkpoints\n"
    "  are signed on a timer, so the window is as long as that.\n\n"
    "WHOM TO BELIEVE\n"
    "  Who holds the signing key can sign another past, once. What stands against it is what was\n"
    "  seen of the log before: this command keeps the newest checkpoint in --seen, and "
    "--checkpoints\n"
    "  names a folder with those that the log sent to its second place. Without --key the key is\n"
    "  the one seen before; the first time it is the log's own word, and that is said.\n\n"
    "EXIT STATUS\n"
    "  0  nothing is wrong\n"
    "  1  something is, and is named; or the log cannot be read\n"
    "  2  the command line is wrong";

constexpr const char* kProveManual =
    "WHAT IT IS\n"
    "  A C2SP tlog-proof: the record, its way up the tree, and the signed checkpoint. Who is "
    "given\n"
    "  it needs the log's verifier key and no program of ours: SHA-256 and Ed25519 are enough\n"
    "  (https://c2sp.org/tlog-proof). --check does it here.\n\n"
    "EXIT STATUS\n"
    "  0  proven\n"
    "  1  there is no such record, it is not signed yet, or the proof is refused\n"
    "  2  the command line is wrong";

// Where `serve` puts the node's, or where a node puts it that was started by itself.
std::filesystem::path NodeLog() {
  const std::filesystem::path home = base::HomeFolder();
  std::error_code unreadable;
  const std::filesystem::path served = home / "node" / "audit";
  return std::filesystem::exists(served, unreadable) ? served : home / "audit";
}

void AddLogOption(CLI::App& command, std::filesystem::path& log) {
  log = base::HomeFolder() / "gateway" / "audit";
  CLI::Option* given =
      command.add_option("--log", log, "the log's folder [gateway/audit in BULKHEAD_HOME]")
          ->type_name("DIR");
  command
      .add_flag_callback(
          "--node", [&log] { log = NodeLog(); },
          "the node's log: node/audit in BULKHEAD_HOME, as `bulkhead serve` has it, or audit/ "
          "there")
      ->excludes(given);
}

void AddTail(CLI::App& audit, const Console& console, int& exit_status) {
  CLI::App& command = *audit.add_subcommand(
      "tail",
      "Prints the newest records. Reads them as they stand: verify says whether to believe.");
  const auto given = std::make_shared<TailArguments>();
  AddLogOption(command, given->log);
  command.add_option("-n,--lines", given->lines, "how many")->type_name("N")->capture_default_str();
  command.add_flag("--all", given->all, "from the first one on");
  command.add_flag("-f,--follow", given->follow, "go on with those that are written");
  CLI::Option* json =
      command.add_flag("--json", given->json, "the records as they are, JSON lines");
  command.add_flag("--ocsf", given->ocsf, "as OCSF API Activity (6003), JSON lines")
      ->excludes(json);
  command.footer(
      "EXIT STATUS\n  0  printed\n  1  the log cannot be read\n"
      "  2  the command line is wrong");
  command.callback(
      [given, &console, &exit_status] { exit_status = RunAuditTail(*given, console); });
}

void AddVerify(CLI::App& audit, const Console& console, int& exit_status) {
  CLI::App& command = *audit.add_subcommand(
      "verify",
      "Reads the whole log and says whether it is as it was written. Changes nothing in\n"
      "it, and needs no server; one may be writing.");
  const auto given = std::make_shared<AuditVerifyArguments>();
  AddLogOption(command, given->log);
  command.add_option("--key", given->key, "the log's verifier key, or a file that holds it")
      ->type_name("KEY");
  command
      .add_option("--seen", given->seen,
                  "where the newest checkpoint is kept [audit-seen/ in BULKHEAD_HOME]")
      ->type_name("FILE");
  command.add_option("--checkpoints", given->checkpoints, "those that were sent away")
      ->check(CLI::ExistingDirectory.description(""))
      ->type_name("DIR");
  command.add_flag("--json", given->json, "print JSON instead of text");
  command.footer(kVerifyManual);
  command.callback(
      [given, &console, &exit_status] { exit_status = RunAuditVerify(*given, console); });
}

void AddProve(CLI::App& audit, const Console& console, int& exit_status) {
  CLI::App& command =
      *audit.add_subcommand("prove", "Proves to anybody that a record is in the log, as a file.");
  const auto given = std::make_shared<ProveArguments>();
  AddLogOption(command, given->log);
  CLI::Option_group& which = *command.add_option_group("Which");
  which.add_option("record", given->record, "its sequence")->type_name("RECORD");
  which.add_option("--check", given->check, "check this proof instead")->type_name("FILE");
  which.require_option(1);
  command.add_option("--key", given->key, "the log's verifier key, or a file that holds it")
      ->type_name("KEY");
  command.add_option("--out", given->out, "where to write it [standard output]")->type_name("FILE");
  command.add_flag("--json", given->json, "print JSON instead of text");
  command.footer(kProveManual);
  command.callback(
      [given, &console, &exit_status] { exit_status = RunAuditProve(*given, console); });
}

}  // namespace

void AddAuditCommand(CLI::App& program, const Console& console, int& exit_status) {
  CLI::App& audit = *program.add_subcommand(
      "audit", "The record of what was done: reads it, verifies it, proves what is in it.");
  audit.require_subcommand(1);
  AddTail(audit, console, exit_status);
  AddVerify(audit, console, exit_status);
  AddProve(audit, console, exit_status);
}

}  // namespace bulkhead::cli
