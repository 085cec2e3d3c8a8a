// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_verify.h"

#include <optional>
#include <ostream>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "audit/checkpoint.h"
#include "audit/seen.h"
#include "audit/timestamp.h"
#include "audit/verify.h"
#include "base/disk.h"
#include "base/hex.h"
#include "base/home_folder.h"
#include "base/sha256.h"
#include "cli/audit_key.h"
#include "cli/terminal_text.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

struct Verified {
  audit::VerifyReport report;
  audit::VerifierKey key;
  std::string key_source;  // "given", "seen", "log"
};

std::filesystem::path SeenPath(const AuditVerifyArguments& given) {
  if (!given.seen.empty()) return std::filesystem::absolute(given.seen);
  const std::string path = std::filesystem::absolute(given.log).lexically_normal().string();
  const auto digest = base::Sha256Of(std::as_bytes(std::span(path)));
  return base::HomeFolder() / "audit-seen" / base::Hex(std::span(digest).first<8>());
}

base::Result<Verified> ChooseKey(const AuditVerifyArguments& given,
                                 const std::optional<audit::Seen>& seen) {
  Verified verified;
  if (!given.key.empty()) {
    BH_ASSIGN(verified.key, GivenVerifierKey(given.key));
    verified.key_source = "given";
  } else if (seen) {
    verified.key = seen->key;
    verified.key_source = "seen";
  } else {
    BH_ASSIGN(verified.key, audit::OwnVerifierKey(given.log));
    verified.key_source = "log";
  }
  if (!seen || seen->key == verified.key) return verified;
  return base::OperatorError(base::Code::kDenied,
                             "the key is another than the one this log was seen with before");
}

// Of the second place; every file of it must be a checkpoint of this log.
base::Result<std::vector<audit::KnownHead>> ReadCheckpoints(const std::filesystem::path& folder,
                                                            const audit::VerifierKey& key) {
  std::vector<audit::KnownHead> heads;
  std::error_code error;
  if (folder.empty()) return heads;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    BH_ASSIGN(const std::string note, ReadTextFile(entry->path(), audit::kNoteBytesMax));
    const auto head = audit::OpenCheckpoint(note, key);
    if (!head.ok()) return base::WithContext(head.error(), entry->path().string());
    heads.push_back({.size = head.value().size,
                     .root = head.value().root,
                     .source = entry->path().filename().string()});
  }
  if (error) return base::DiskError(error.value(), folder.string());
  return heads;
}

base::Result<Verified> Verify(const AuditVerifyArguments& given) {
  const std::filesystem::path path = SeenPath(given);
  BH_ASSIGN(const std::optional<audit::Seen> seen, audit::ReadSeen(path));
  BH_ASSIGN(Verified verified, ChooseKey(given, seen));
  BH_ASSIGN(auto known, ReadCheckpoints(given.checkpoints, verified.key));
  if (seen)
    known.push_back({.size = seen->size, .root = seen->root, .source = "what was seen before"});
  BH_ASSIGN(verified.report, audit::Verify(given.log, verified.key, std::move(known)));
  if (!verified.report.sound()) return verified;
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  const auto written = audit::WriteSeen(path, {.key = verified.key,
                                               .size = verified.report.signed_records,
                                               .root = verified.report.signed_root});
  if (!written.ok()) return base::WithContext(written.error(), path.string());
  return verified;
}

void PrintJson(const Verified& verified, const Console& console) {
  const audit::VerifyReport& report = verified.report;
  json findings = json::array();
  for (const audit::Finding& finding : report.findings) {
    findings.push_back({{"record", finding.record ? json(*finding.record) : json()},
                        {"what", ReplaceBrokenUtf8(finding.what)}});
  }
  *console.out << json{{"sound", report.sound()},
                       {"records", report.records},
                       {"signed_records", report.signed_records},
                       {"signed_root", base::Hex(report.signed_root)},
                       {"torn_bytes", report.torn_bytes},
                       {"first", audit::Timestamp(report.first_unix_ms)},
                       {"last", audit::Timestamp(report.last_unix_ms)},
                       {"key", audit::FormatVerifierKey(verified.key)},
                       {"key_source", verified.key_source},
                       {"findings", findings}}
                      .dump(2)
               << '\n';
}

void PrintText(const Verified& verified, const Console& console) {
  const audit::VerifyReport& report = verified.report;
  for (const audit::Finding& finding : report.findings) {
    const std::string what = EscapeForTerminal(finding.what);
    *console.out << (finding.record ? fmt::format("record {}: {}\n", *finding.record, what)
                                    : what + "\n");
  }
  if (report.findings.size() == audit::kFindingsMax) *console.out << "there may be more\n";
  if (!report.sound()) return;
  *console.out << fmt::format(
      "{} records, {} of them signed, from {} to {}: as they were written\n", report.records,
      report.signed_records, audit::Timestamp(report.first_unix_ms),
      audit::Timestamp(report.last_unix_ms));
  if (report.torn_bytes > 0) {
    *console.out << fmt::format("{} bytes at the end were never acknowledged\n", report.torn_bytes);
  }
  if (verified.key_source == "log") {
    *console.out << "the key is the log's own word, and is remembered from now on: "
                 << EscapeForTerminal(audit::FormatVerifierKey(verified.key)) << '\n';
  }
}

}  // namespace

int RunAuditVerify(const AuditVerifyArguments& given, const Console& console) {
  const auto verified = Verify(given);
  if (!verified.ok()) {
    PrintError(console, "audit verify", given.log.string(), verified.error());
    return kFailure;
  }
  given.json ? PrintJson(verified.value(), console) : PrintText(verified.value(), console);
  return verified.value().report.sound() ? kSuccess : kFailure;
}

}  // namespace bulkhead::cli
