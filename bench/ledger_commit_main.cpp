// SPDX-License-Identifier: Apache-2.0
// ledger-commit FOLDER: how many records a second a ledger makes durable on the disk of FOLDER,
// with so many in flight; beside it the floor, one write and one fdatasync after the other.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <semaphore>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "base/unique_fd.h"
#include "median.h"
#include "meter/ledger.h"

namespace {

using Clock = std::chrono::steady_clock;
using bulkhead::bench::Median;
using bulkhead::meter::FrameRecord;
using bulkhead::meter::Ledger;

constexpr std::size_t kGroupBytes = 138;  // one record and the header of its group
constexpr auto kSpan = std::chrono::seconds(1);
constexpr std::ptrdiff_t kInFlightMax = 4096;

double Seconds(Clock::duration span) { return std::chrono::duration<double>(span).count(); }
double ProcessorSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double FloorPerSecond(const std::filesystem::path& folder) {
  const bulkhead::base::UniqueFd file(
      ::open((folder / "floor").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const std::vector<char> group(kGroupBytes, 'x');
  std::size_t count = 0;
  const auto start = Clock::now();
  while (Clock::now() - start < kSpan) {
    BH_CHECK(::write(file.get(), group.data(), group.size()) > 0 && ::fdatasync(file.get()) == 0);
    ++count;
  }
  return static_cast<double>(count) / Seconds(Clock::now() - start);
}

struct Rate {
  double per_second = 0;
  double processor_us = 0;  // of all threads, for each record
};

Rate LedgerRate(const std::filesystem::path& folder, std::ptrdiff_t in_flight) {
  std::size_t count = 0;
  std::counting_semaphore<kInFlightMax> room(in_flight);
  const auto start = Clock::now();
  const double processor = ProcessorSeconds();
  {
    const auto ledger = Ledger::Open(folder / "ledger").value();
    const FrameRecord record{.tenant = "0123456789abcdef",
                             .key = "0123456789abcdef",
                             .model = "line-inspection",
                             .deployment = "0123456789abcdef",
                             .bytes_in = 250'000};
    for (; Clock::now() - start < kSpan; ++count) {
      room.acquire();
      ledger->Append(record, [&room](const auto& result) {
        BH_CHECK(result.ok());
        room.release();
      });
    }
  }
  return {.per_second = static_cast<double>(count) / Seconds(Clock::now() - start),
          .processor_us = (ProcessorSeconds() - processor) * 1e6 / static_cast<double>(count)};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = std::filesystem::path(argv[1]) / "ledger-commit";
  constexpr int kRounds = 5;
  for (const std::ptrdiff_t in_flight : {1, 16, 64, 256, 1024, 4096}) {
    std::vector<double> floors;
    std::vector<double> rates;
    std::vector<double> processor;
    for (int round = 0; round < kRounds; ++round) {
      std::filesystem::create_directories(folder);
      floors.push_back(FloorPerSecond(folder));
      const Rate rate = LedgerRate(folder, in_flight);
      rates.push_back(rate.per_second);
      processor.push_back(rate.processor_us);
      std::filesystem::remove_all(folder);
    }
    std::printf(
        "in flight %4td: %9.0f records/s, %5.2f us of processor each; floor %6.0f syncs/s\n",
        in_flight, Median(rates), Median(processor), Median(floors));
  }
  return 0;
}
