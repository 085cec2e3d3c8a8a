// SPDX-License-Identifier: Apache-2.0
// Which GPU instances are ours, on disk before anything is done to them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"
#include "device/journal_text.h"

namespace bulkhead::device {

// Each change is in the file, and the file on the disk, when the call returns Ok; after an error
// nothing changed. kUnavailable: it could not be written. One thread, and one journal per folder,
// at a time.
class InstanceJournal {
 public:
  // Reads `folder`/instances, if it is there, and puts a file in its place that says the same in
  // fewer lines. Instances do not outlive a boot of the machine: of another `boot_id` nothing is
  // ours any more. kCorrupt: damaged; the detail says what to do. ErrnoError: cannot be read.
  static base::Result<InstanceJournal> Open(const std::filesystem::path& folder,
                                            const std::string& boot_id);
  // Writes nothing: for what does not outlive this process.
  static InstanceJournal InMemory();

  [[nodiscard]] const std::map<uint64_t, OwnedInstance>& owned() const { return state_.owned; }

  // A generation that was never given out; for an instance it is Intend that does so.
  uint64_t NextGeneration() { return ++state_.last_generation; }
  base::Result<uint64_t> Intend(const std::string& gpu, int profile_id, int start);
  base::Status Made(uint64_t generation, int gpu_instance);
  base::Status Whole(uint64_t generation, int compute_instance);
  base::Status Leave(uint64_t generation);
  base::Status Gone(uint64_t generation);

 private:
  InstanceJournal() = default;
  base::Status Append(const JournalEntry& entry);
  base::Status Rewrite();

  std::filesystem::path path_;  // empty: in memory
  base::UniqueFd file_;
  uint64_t bytes_ = 0;
  JournalState state_;
};

}  // namespace bulkhead::device
