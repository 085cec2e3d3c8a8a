// SPDX-License-Identifier: Apache-2.0
// audit-log FOLDER [SUMMARY.json]: how many records a second an audit log makes durable on the disk
// of FOLDER, with so many in flight and a checkpoint after each 20,000; and how many `audit verify`
// reads, from the page cache. The two bars go into the summary.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <semaphore>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "audit/log.h"
#include "audit/verify.h"
#include "base/check.h"
#include "base/unix_clock.h"
#include "median.h"

namespace {

using Clock = std::chrono::steady_clock;
using bulkhead::bench::Median;
namespace audit = bulkhead::audit;

constexpr std::ptrdiff_t kInFlightMax = 2048;
constexpr std::size_t kRecords = 60'000;
constexpr std::size_t kCheckpointEach = 20'000;
constexpr double kAppendBar = 20'000;
constexpr double kVerifyBar = 500'000;

audit::Event ExampleEvent() {
  return {.kind = audit::EventKind::kDataKeyRelease,
          .audit_id = "0123456789abcdef",
          .user_name = "node",
          .user_id = "0123456789abcdef",
          .source_ips = {"10.0.0.7"},
          .tenant = "acme",
          .object_name = "line-inspection",
          .status = 200,
          .received_unix_ms = 1'800'000'000'000,
          .annotations = {{audit::Annotation::kKeyVersion, "3"},
                          {audit::Annotation::kAttestation, "tpm2 ok"}}};
}

double PerSecond(std::size_t count, Clock::time_point start) {
  return static_cast<double>(count) / std::chrono::duration<double>(Clock::now() - start).count();
}

audit::Signer BenchSigner() {
  return audit::MakeSigner("bench.example/audit", std::vector<std::byte>(32)).value();
}

double AppendRate(const std::filesystem::path& folder, std::ptrdiff_t in_flight,
                  std::size_t records) {
  std::counting_semaphore<kInFlightMax> room(in_flight);
  const auto done = [&room](const auto& result) {
    BH_CHECK(result.ok());
    room.release();
  };
  const auto start = Clock::now();
  {
    const auto log = audit::Log::Open(folder, {.signer = BenchSigner(),
                                               .unix_now_ms = bulkhead::base::UnixNowMs})
                         .value();
    for (std::size_t at = 1; at <= records; ++at) {
      room.acquire();
      if (at % kCheckpointEach == 0) {
        log->Checkpoint(done);
      } else {
        log->Append(ExampleEvent(), done);
      }
    }
  }
  return PerSecond(records, start);
}

double VerifyRate(const std::filesystem::path& folder) {
  const auto start = Clock::now();
  const auto report = audit::Verify(folder, BenchSigner().key).value();
  BH_CHECK(report.sound());
  return PerSecond(report.records, start);
}

void Record(const char* path, const std::string& name, double value, double bar) {
  const bool holds = value >= bar;
  std::printf("%-24s %9.0f records/s   at least %.0f  %s\n", name.c_str(), value, bar,
              holds ? "holds" : "MISSED");
  if (path == nullptr) return;
  nlohmann::json kept = nlohmann::json::array();
  if (std::ifstream file(path); file) {
    for (auto& other : nlohmann::json::parse(file)) {
      if (other["name"] != name) kept.push_back(other);
    }
  }
  kept.push_back({{"name", name},
                  {"value", value},
                  {"unit", "records/s"},
                  {"bar", bar},
                  {"better", "higher"},
                  {"holds", holds}});
  std::ofstream(path) << kept.dump(2) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) return 2;
  const std::filesystem::path folder = std::filesystem::path(argv[1]) / "audit-log";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  constexpr int kRounds = 5;
  for (const std::ptrdiff_t in_flight : {1, 16, 256}) {
    const double rate = AppendRate(folder / "few", in_flight, 2000);
    std::printf("in flight %4td: %9.0f records/s\n", in_flight, rate);
    std::filesystem::remove_all(folder / "few");
  }
  std::vector<double> appends;
  std::vector<double> verifies;
  for (int round = 0; round < kRounds; ++round) {
    appends.push_back(AppendRate(folder / "log", kInFlightMax, kRecords));
    verifies.push_back(VerifyRate(folder / "log"));
  }
  std::filesystem::remove_all(folder);
  const char* summary = argc == 3 ? argv[2] : nullptr;
  Record(summary, "audit-append", Median(appends), kAppendBar);
  Record(summary, "audit-verify", Median(verifies), kVerifyBar);
  return 0;
}
