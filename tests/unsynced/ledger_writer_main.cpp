// SPDX-License-Identifier: Apache-2.0
// ledger-writer FOLDER RUN: appends to a ledger until it is killed. Each acknowledged record is a
// line on standard output, "EPOCH SEQUENCE MARK"; MARK is the record's bytes_in, RUN times a
// million and rising.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <semaphore>
#include <string>
#include <thread>

#include <unistd.h>

#include "meter/ledger.h"
#include "unsynced/ledger_writer.h"

namespace {

using bulkhead::meter::FrameRecord;
using bulkhead::meter::Ledger;
using bulkhead::meter::RecordId;

void Acknowledge(RecordId id, uint64_t mark) {
  const std::string line = std::to_string(id.epoch) + " " + std::to_string(id.sequence) + " " +
                           std::to_string(mark) + "\n";
  // Short enough that a pipe takes it whole. The reader is gone: so is the test.
  if (::write(1, line.data(), line.size()) < 0) ::_exit(3);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto opened = Ledger::Open(argv[1], {.segment_bytes_max = unsynced::kWriterSegmentBytes});
  if (!opened.ok()) return 4;
  Ledger& ledger = *opened.value();
  std::atomic<uint64_t> next = std::strtoull(argv[2], nullptr, 10) * 1'000'000;
  std::counting_semaphore<unsynced::kWriterInFlight> room(unsynced::kWriterInFlight);
  const auto append = [&] {
    for (;;) {
      room.acquire();
      const uint64_t mark = next++;
      ledger.Append(FrameRecord{.tenant = "tenant", .model = "model", .bytes_in = mark},
                    [&room, mark](const bulkhead::base::Result<RecordId>& result) {
                      if (!result.ok()) ::_exit(5);
                      Acknowledge(result.value(), mark);
                      room.release();
                    });
    }
  };
  std::thread other(append);
  append();
}
