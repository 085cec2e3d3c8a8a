// SPDX-License-Identifier: Apache-2.0
// What the log's thread does: writes what was appended, signs, calls back.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/log.h"
#include "audit/recovery.h"
#include "base/batch_thread.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::audit {

class Log::Committer {
 public:
  Committer(base::UniqueFd lock, std::filesystem::path folder, LogOptions options, LogState state);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  ~Committer();

  // What is to follow the record, once it is durable.
  enum class Then : uint8_t { kNothing, kSign, kSignAndSend };
  void Add(const Event& event, Then then, Done done);

  [[nodiscard]] const LogRecovery& recovery() const { return recovery_; }
  [[nodiscard]] uint64_t signed_size() const { return signed_size_.load(); }

 private:
  struct Waiting {
    std::vector<std::byte> event;
    Then then = Then::kNothing;
    Done done;
  };

  void Commit(std::vector<Waiting>& batch);
  void CommitGroup(std::span<Waiting> group);
  base::Status MayWrite();
  base::Status WriteGroup(std::span<const Waiting> group);
  base::Status OpenSegment();
  base::Status CutBack();
  base::Status AddToTree(const Hash& hash);
  base::Status Sign();
  base::Status WriteTiles();
  void DropPartialTiles();
  base::Status Send();
  base::Error Break(base::Error error);

  const base::UniqueFd lock_;
  const std::filesystem::path folder_;
  const LogOptions options_;
  const LogRecovery recovery_;
  std::atomic<uint64_t> signed_size_;

  // The thread's own.
  LogState state_;
  base::UniqueFd segment_;
  std::string note_;                   // the newest checkpoint
  std::optional<base::Error> broken_;  // for good
  std::optional<base::BatchThread<Waiting>> thread_;
};

}  // namespace bulkhead::audit
