// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_prove.h"

#include <ostream>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "audit/proof.h"
#include "audit/verify.h"
#include "base/write_file.h"
#include "cli/audit_key.h"
#include "cli/terminal_text.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

base::Result<audit::VerifierKey> KeyOf(const ProveArguments& given) {
  return given.key.empty() ? audit::OwnVerifierKey(given.log) : GivenVerifierKey(given.key);
}

base::Status Make(const ProveArguments& given, const Console& console) {
  BH_ASSIGN(const audit::VerifierKey key, KeyOf(given));
  BH_ASSIGN(const std::string proof, audit::Prove(given.log, given.record, key));
  if (!given.out.empty()) {
    auto folder = std::filesystem::absolute(given.out);
    BH_TRY(base::WriteFile(folder, std::as_bytes(std::span(proof)), base::Durable::kNow));
  }
  if (given.json) {
    *console.out << json{{"record", given.record},
                         {"key", audit::FormatVerifierKey(key)},
                         {"proof", proof}}
                        .dump(2)
                 << '\n';
  } else if (given.out.empty()) {
    *console.out << proof;
  }
  return base::Ok();
}

// Against the log's own word a proof would prove nothing that its giver does not say himself.
base::Status Check(const ProveArguments& given, const Console& console) {
  if (given.key.empty()) {
    return base::PublicError(base::Code::kInvalid, "--check needs --key: the one that you trust");
  }
  BH_ASSIGN(const audit::VerifierKey key, GivenVerifierKey(given.key));
  BH_ASSIGN(const std::string text, ReadTextFile(given.check, audit::kProofBytesMax));
  BH_ASSIGN(const audit::ProvenRecord proven, audit::CheckProof(text, key));
  if (given.json) {
    *console.out << json{{"record", proven.sequence},
                         {"origin", proven.head.origin},
                         {"signed_records", proven.head.size},
                         {"event", json::parse(proven.line)}}
                        .dump(2)
                 << '\n';
    return base::Ok();
  }
  *console.out << fmt::format("record {} of {} was signed:\n{}\n", proven.sequence,
                              EscapeForTerminal(proven.head.origin),
                              EscapeForTerminal(proven.line));
  return base::Ok();
}

}  // namespace

int RunAuditProve(const ProveArguments& given, const Console& console) {
  const bool check = !given.check.empty();
  const base::Status done = check ? Check(given, console) : Make(given, console);
  if (done.ok()) return kSuccess;
  PrintError(console, "audit prove", check ? given.check.string() : given.log.string(),
             done.error());
  return kFailure;
}

}  // namespace bulkhead::cli
