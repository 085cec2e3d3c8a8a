// SPDX-License-Identifier: Apache-2.0
// Which of many descriptors have something to say.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::node {

enum class Source : uint8_t { kStop, kListener, kConnection, kProcess, kStatus, kLog, kSealing };

// What a descriptor belongs to. Ids are never used twice, so that what is said of one that is gone
// reaches nobody.
struct Key {
  Source source = Source::kStop;
  uint64_t id = 0;  // below 2^56
  friend bool operator==(const Key&, const Key&) = default;
};

// One thread at a time.
class Poller {
 public:
  static base::Result<Poller> Open();

  // Reports `fd` for as long as it can be read or is closed at its other end.
  // Errors: base::ErrnoError.
  base::Status Watch(int fd, Key key);
  // Harmless for one that is not watched. Called before it is closed.
  void Forget(int fd);

  // Waits until there is something, or until the timeout (nullopt: none); empty then. At most 64
  // at a time. Errors: base::ErrnoError.
  base::Result<std::vector<Key>> Wait(std::optional<std::chrono::nanoseconds> timeout);

 private:
  explicit Poller(base::UniqueFd epoll) : epoll_(std::move(epoll)) {}

  base::UniqueFd epoll_;
};

}  // namespace bulkhead::node
