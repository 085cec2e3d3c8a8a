// SPDX-License-Identifier: Apache-2.0
// Actions of which a log tells the beginning and no end: whoever did them was killed between.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "audit/event.h"
#include "audit/log.h"
#include "base/result.h"

namespace bulkhead::audit {

// Of the two newest segments; a log that nobody appends to. Each as the event that ends it: stage
// Panic, the same audit id, what it was about, and that nobody knows whether it was done. At most
// kUnfinishedMax, the newest. Errors are the file system's.
constexpr std::size_t kUnfinishedMax = 1000;
base::Result<std::vector<Event>> FindUnfinished(const std::filesystem::path& log);

// Opens a log and ends what an earlier process did not: what it appended, for the operator. Errors
// of Log::Open, of FindUnfinished and of appending.
struct OpenedLog {
  std::unique_ptr<Log> log;
  std::vector<Event> ended;
};
base::Result<OpenedLog> OpenAndEnd(const std::filesystem::path& folder, LogOptions options);

}  // namespace bulkhead::audit
