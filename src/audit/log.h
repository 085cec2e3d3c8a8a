// SPDX-License-Identifier: Apache-2.0
// The audit log of one process: an append-only folder whose every change is found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "audit/event.h"
#include "audit/verifier_key.h"
#include "base/result.h"

namespace bulkhead::audit {

// Is given each checkpoint after it is durable here, to keep it where who may write the log's
// folder may not: see CheckpointFolder. On the log's thread.
using SecondPlace = std::function<base::Status(const std::string& note, uint64_t size)>;

struct LogOptions {
  Signer signer;                         // its name is the log's origin
  std::function<int64_t()> unix_now_ms;  // of the records' times; any thread
  SecondPlace second_place = nullptr;    // none
  // Records that wait for one fdatasync at most; further ones are refused with kExhausted.
  std::size_t waiting_max = 4096;
};

// What opening found.
struct LogRecovery {
  uint64_t records = 0;        // that were there
  uint64_t cut_bytes = 0;      // off the last segment's end: never acknowledged
  bool rebuilt_tiles = false;  // from the records, which gave the checkpoint's root
};

// Any thread may append. One thread of its own writes and syncs: records that wait together share
// one write and one fdatasync (group commit).
class Log {
 public:
  // The record's sequence. Called exactly once: on the log's thread when the record is durable or
  // never will be, or within the call when it is refused at once. No lock is held. Must not block.
  using Done = std::function<void(base::Result<uint64_t>)>;

  // Makes the folder if missing, holds its lock, cuts a torn tail, writes `log-start` and signs a
  // checkpoint. A log is opened in a time that grows with its newest segment alone, unless its
  // tiles must be made anew.
  //
  // kConflict: another process holds it. kCorrupt: what was signed or acknowledged is not there as
  // it was; nothing is changed then, and Verify says where. kDenied: another signer than the log's,
  // or no permission. kExhausted: no room. kUnavailable: anything else of the file system.
  static base::Result<std::unique_ptr<Log>> Open(const std::filesystem::path& folder,
                                                 LogOptions options);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  // Waits for what was appended; writes `log-stop` and signs a checkpoint, if it can.
  ~Log();

  // Never blocks on the disk. The action that the event speaks of must not happen before `done`
  // said Ok. kExhausted: no room on the disk or in the queue; a later append may succeed.
  // kUnavailable, for good: a sync failed, so nobody knows what is on the disk; open again.
  void Append(const Event& event, Done done);

  // The same, waiting for it; not on the log's thread.
  base::Result<uint64_t> AppendAndWait(const Event& event);

  // For the caller's timer: appends `log-checkpoint`, then signs a checkpoint of all so far and
  // gives it to the second place. Errors as of Append, and: of the signer; of the second place,
  // when the checkpoint is durable here but not there. The log goes on, and the next checkpoint
  // covers all that this one would have; records are refused (kExhausted) when 131,072 of them are
  // not signed. A checkpoint is signed without a call after each 65,536 records.
  void Checkpoint(Done done);

  [[nodiscard]] const LogRecovery& recovery() const;
  // Of the newest checkpoint; any thread.
  [[nodiscard]] uint64_t signed_size() const;

 private:
  class Committer;
  explicit Log(std::unique_ptr<Committer> committer);
  std::unique_ptr<Committer> committer_;
};

// Keeps each checkpoint as checkpoint-<size, 20 digits> in a folder that is there. kConflict:
// another checkpoint of the same size is there already.
SecondPlace CheckpointFolder(const std::filesystem::path& folder);

}  // namespace bulkhead::audit
