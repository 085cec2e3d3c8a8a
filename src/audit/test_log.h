// SPDX-License-Identifier: Apache-2.0
// Logs in folders of their own, for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/event.h"
#include "audit/log.h"
#include "audit/log_folder.h"
#include "audit/merkle.h"
#include "base/check.h"
#include "base/test_folder.h"

namespace bulkhead::audit {

using base::ContentOf;
using base::PutContent;

class TestFolder : public base::TestFolder {
 public:
  TestFolder() : base::TestFolder(base::InMemory()) {}

  [[nodiscard]] std::filesystem::path log() const { return path() / "log"; }
};

inline constexpr const char* kTestOrigin = "bulkhead.example/audit";

inline Signer TestSigner(std::byte fill = std::byte{0x42}) {
  const std::vector<std::byte> seed(32, fill);
  return MakeSigner(kTestOrigin, seed).value();
}

inline Event ExampleEvent() {
  return {.kind = EventKind::kModelUpload,
          .audit_id = "req-7",
          .request_uri = "/admin/models",
          .user_name = "ada",
          .user_id = "TenantA123456789",
          .source_ips = {"10.0.0.7", "127.0.0.1"},
          .user_agent = "curl/8",
          .tenant = "acme",
          .object_name = "line-3",
          .status = 201,
          .received_unix_ms = 1'800'000'000'000,
          .annotations = {{Annotation::kModelVersion, "2"},
                          {Annotation::kModelDigest,
                           "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}}};
}

inline Hash HashOfNumber(uint64_t number) { return LeafHash(std::as_bytes(std::span(&number, 1))); }

inline base::Result<std::unique_ptr<Log>> Reopened(const TestFolder& folder,
                                                   std::function<int64_t()> now = {},
                                                   SecondPlace second_place = nullptr) {
  if (!now) now = [] { return int64_t{1'800'000'000'000}; };
  return Log::Open(folder.log(), {.signer = TestSigner(),
                                  .unix_now_ms = std::move(now),
                                  .second_place = std::move(second_place)});
}

inline std::unique_ptr<Log> OpenTestLog(const TestFolder& folder, std::function<int64_t()> now = {},
                                        SecondPlace second_place = nullptr) {
  return Reopened(folder, std::move(now), std::move(second_place)).value();
}

inline base::Result<uint64_t> CheckpointAndWait(Log& log) {
  std::promise<base::Result<uint64_t>> promise;
  log.Checkpoint([&](base::Result<uint64_t> result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

// With no more in flight than the log takes.
inline void AppendMany(Log& log, std::size_t count) {
  std::counting_semaphore<1000> room(1000);
  for (std::size_t at = 0; at < count; ++at) {
    room.acquire();
    log.Append(ExampleEvent(), [&room](const base::Result<uint64_t>& result) {
      BH_CHECK(result.ok());
      room.release();
    });
  }
  for (int at = 0; at < 1000; ++at) room.acquire();
}

// A log as it was, to be changed more than once.
class Kept {
 public:
  explicit Kept(const TestFolder& folder) : log_(folder.log()), kept_(folder.path() / "kept") {
    std::filesystem::copy(log_, kept_, std::filesystem::copy_options::recursive);
  }
  void Restore() const {
    std::filesystem::remove_all(log_);
    std::filesystem::copy(kept_, log_, std::filesystem::copy_options::recursive);
  }

 private:
  std::filesystem::path log_;
  std::filesystem::path kept_;
};

}  // namespace bulkhead::audit
