// SPDX-License-Identifier: Apache-2.0
// Logs in folders of their own, for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/event.h"
#include "audit/log.h"
#include "audit/log_folder.h"
#include "audit/merkle.h"
#include "base/check.h"

namespace bulkhead::audit {

// A folder that ends with its owner; in memory where there is such a place, since tests sync often.
class TestFolder {
 public:
  TestFolder() {
    const std::filesystem::path memory = "/dev/shm";
    const auto place =
        std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    std::string name = (place / "audit.XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path log() const { return path_ / "log"; }

 private:
  std::filesystem::path path_;
};

inline std::string ContentOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void PutContent(const std::filesystem::path& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
}

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
