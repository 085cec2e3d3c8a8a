// SPDX-License-Identifier: Apache-2.0
// Ledgers in folders of their own, for tests.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include "base/test_folder.h"
#include "meter/ledger.h"

namespace bulkhead::meter {

using base::ContentOf;
using base::PutContent;

class TestFolder : public base::TestFolder {
 public:
  TestFolder() : base::TestFolder(base::InMemory()) {}

  [[nodiscard]] std::filesystem::path ledger() const { return path() / "ledger"; }
  [[nodiscard]] std::filesystem::path segment(std::string_view number) const {
    return ledger() / (std::string(10 - number.size(), '0') + std::string(number) + ".segment");
  }
};

// No file of this process grows beyond `bytes` while it lives: writes end with EFBIG, as they end
// with ENOSPC on a full disk.
class FullDisk {
 public:
  explicit FullDisk(uint64_t bytes) {
    before_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit full{.rlim_cur = bytes, .rlim_max = limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &full);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }

 private:
  rlimit limit_{};
  void (*before_)(int);
};

inline FrameRecord ExampleRecord() {
  return {.outcome = Outcome::kOk,
          .tenant = "TenantA123456789",
          .key = "Key4567890123456",
          .model = "line-inspection",
          .version = 3,
          .deployment = "Deploy7890123456",
          .frames = 1,
          .bytes_in = 250'000,
          .width = 1920,
          .height = 1080,
          .compute_us = 41'500,
          .time_unix_ms = 1'800'000'000'000};
}

// Until `append` was answered: RecordId or an error.
template <typename Append>
base::Result<RecordId> Answer(const Append& append) {
  std::promise<base::Result<RecordId>> promise;
  auto answer = promise.get_future();
  append([&promise](base::Result<RecordId> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

inline base::Result<RecordId> AppendAndWait(Ledger& ledger, const FrameRecord& record) {
  return Answer([&](Ledger::Done done) { ledger.Append(record, std::move(done)); });
}

inline base::Result<RecordId> AppendAndWait(Ledger& ledger, const ExportMark& mark) {
  return Answer([&](Ledger::Done done) { ledger.AppendMark(mark, std::move(done)); });
}

}  // namespace bulkhead::meter
