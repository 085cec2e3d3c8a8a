// SPDX-License-Identifier: Apache-2.0
// audit-writer FOLDER RUN [COUNT]: appends to an audit log until it is killed, or COUNT records.
// Each acknowledged record is a line on standard output, "RUN SEQUENCE MARK"; MARK is the record's
// auditID, RUN times a million and rising. Every 40th call asks for a checkpoint.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <semaphore>
#include <string>
#include <vector>

#include <unistd.h>

#include "audit/log.h"
#include "base/unix_clock.h"
#include "unsynced/ledger_writer.h"

namespace {

namespace audit = bulkhead::audit;

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) return 2;
  const std::string run = argv[2];
  const uint64_t count = argc == 4 ? std::strtoull(argv[3], nullptr, 10) : UINT64_MAX;
  const std::vector<std::byte> seed(32, std::byte{0x42});
  auto opened = audit::Log::Open(
      argv[1], {.signer = audit::MakeSigner("unsynced.example/audit", seed).value(),
                .unix_now_ms = bulkhead::base::UnixNowMs});
  if (!opened.ok()) {
    const std::string why = opened.error().detail + "\n";
    return ::write(2, why.data(), why.size()) < 0 ? 3 : 4;
  }
  audit::Log& log = *opened.value();
  std::counting_semaphore<unsynced::kWriterInFlight> room(unsynced::kWriterInFlight);
  uint64_t mark = std::strtoull(argv[2], nullptr, 10) * 1'000'000;
  for (uint64_t at = 1; at <= count; ++at) {
    room.acquire();
    const std::string id = std::to_string(mark++);
    const auto done = [&room, &run, id](const bulkhead::base::Result<uint64_t>& result) {
      if (!result.ok()) ::_exit(5);
      const std::string line = run + " " + std::to_string(result.value()) + " " + id + "\n";
      // Short enough that a pipe takes it whole. The reader is gone: so is the test.
      if (::write(1, line.data(), line.size()) < 0) ::_exit(3);
      room.release();
    };
    if (at % 40 == 0) {
      log.Checkpoint([done, &room](const auto& result) {
        if (!result.ok()) ::_exit(5);
        room.release();
      });
    } else {
      log.Append({.kind = audit::EventKind::kModelUpload,
                  .audit_id = id,
                  .user_name = "ada",
                  .tenant = "acme",
                  .object_name = "line-3",
                  .status = 201},
                 done);
    }
  }
  return 0;
}
