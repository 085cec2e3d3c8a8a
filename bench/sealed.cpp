// SPDX-License-Identifier: Apache-2.0
// The floor of unsealing is AES-256-GCM over every byte once, which `openssl speed` measures in a
// loop over one block that stays in the cache; what unsealing does besides is to read the file into
// a buffer of a megabyte, and to write plaintext where nothing was before.
#include "sealed.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/capture_output.h"
#include "compartment/weights.h"
#include "keys/file_provider.h"
#include "median.h"
#include "node/sealing.h"
#include "paired_medians.h"
#include "require.h"
#include "seal/seal.h"
#include "seal/sealed_file.h"
#include "seal/unseal.h"

namespace bulkhead::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPlainBytes = std::size_t{64} << 20;
constexpr std::size_t kModelBytesMax = std::size_t{1} << 30;
constexpr int kRounds = 7;
constexpr int kUnsealsPerRound = 8;
constexpr int kStartPairs = 61;
const seal::SealedName kName{"0123456789ABCDEF", "bench", 1};
constexpr std::array<std::byte, 32> kKey{std::byte{7}};

// Of this thread, waiting for other programs left out.
double ProcessorSeconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// A node's keys and what it does with them, in a folder of their own.
class SealingPlace {
 public:
  SealingPlace() {
    std::string name = (fs::temp_directory_path() / "bulkhead-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    keys_ = Require(keys::OpenFileProvider(folder_ / "keyring", std::nullopt));
    revoked_.emplace(Require(node::RevokedTenants::Open(folder_ / "revoked")));
    sealing_.emplace(node::SealingParts{
        *keys_, "file", [](const node::KeyRelease&) { return base::Ok(); }, *revoked_});
  }
  SealingPlace(const SealingPlace&) = delete;
  SealingPlace& operator=(const SealingPlace&) = delete;
  ~SealingPlace() {
    keys_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  base::UniqueFd Seal(const base::UniqueFd& plain) {
    base::UniqueFd file(
        ::open((folder_ / "sealed").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    Require(sealing_->Seal(kName, plain.get(), file.get()));
    return file;
  }

  node::UnsealedModel Unseal(const base::UniqueFd& file) {
    return Require(sealing_->Unseal({kName, kModelBytesMax, "bench"}, file.get()));
  }

 private:
  fs::path folder_;
  std::unique_ptr<keys::KeyProvider> keys_;
  std::optional<node::RevokedTenants> revoked_;
  std::optional<node::Sealing> sealing_;
};

// "+F:NUMBER:NAME:BYTES A SECOND", of processor time.
double OpensslBytesPerSecond() {
  const auto said = Require(base::CaptureOutput({"/usr/bin/openssl", "speed", "-mr", "-seconds",
                                                 "1", "-bytes", "65504", "-evp", "aes-256-gcm"},
                                                {}, 1 << 16, std::chrono::seconds(60)));
  const std::size_t line = said.out.rfind("+F:");
  const std::size_t colon = said.out.rfind(':');
  if (line == std::string::npos || colon < line) {
    throw std::runtime_error("openssl speed: " + said.out);
  }
  return std::strtod(said.out.c_str() + colon + 1, nullptr);
}

// A sealed file of kPlainBytes zeros under kKey.
base::UniqueFd SealedFile() {
  const std::vector<std::byte> plain(kPlainBytes);
  seal::SealedHeader header;
  header.name = kName;
  header.plain_sha256 = base::Sha256Of(plain);
  header.plain_bytes = plain.size();
  header.key = {"file", "bench"};
  header.wrapped_key.assign(60, std::byte{1});
  std::vector<std::byte> sealed;
  seal::Sealer sealer = Require(seal::Sealer::Begin(
      header, kKey, [&sealed](std::span<const std::byte> bytes) -> base::Status {
        sealed.insert(sealed.end(), bytes.begin(), bytes.end());
        return base::Ok();
      }));
  Require(sealer.Write(plain));
  Require(sealer.Finish());
  return WeightsOf(sealed);
}

BenchResult MeasureUnsealing() {
  PinThread({0});
  const base::UniqueFd sealed = SealedFile();
  const seal::DecodedHeader decoded = Require(seal::ReadSealedHeader(sealed.get()));
  std::vector<std::byte> plain(kPlainBytes);
  std::vector<double> ratios;
  std::vector<double> speeds;
  for (int round = 0; round < kRounds; ++round) {
    const double openssl = OpensslBytesPerSecond();
    const double begin = ProcessorSeconds();
    for (int i = 0; i < kUnsealsPerRound; ++i) {
      Require(seal::Unseal(sealed.get(), decoded, kKey, plain));
    }
    const double unseal =
        kUnsealsPerRound * static_cast<double>(kPlainBytes) / (ProcessorSeconds() - begin);
    speeds.push_back(unseal / 1e9);
    ratios.push_back(unseal / openssl);
  }
  const double ratio = Median(ratios);
  return {"unseal-vs-openssl",
          ratio,
          "x",
          0.8,
          true,
          ratio >= 0.8,
          fmt::format("{:.2f} GB/s of a core", Median(speeds))};
}

}  // namespace

// On a thread of its own, so that only it and what it starts stay on one core.
BenchResult UnsealVsOpenssl() { return std::async(std::launch::async, MeasureUnsealing).get(); }

BenchResult SealedStartRatio(Compartments& compartments, const fs::path& model) {
  SealingPlace place;
  const base::UniqueFd sealed =
      place.Seal(Require(compartment::LoadWeights(model, kModelBytesMax)));
  int started = 0;
  std::optional<BenchWorker> worker;
  const auto start = [&](base::UniqueFd weights) {
    worker.emplace(compartments, std::move(weights),
                   BenchWorkerOptions{.name = fmt::format("sealed-{}", ++started), .cpus = {0}});
  };
  return AtMost("sealed-start-ratio", 1.05,
                MeasurePairs(
                    kStartPairs,
                    [&] {
                      node::UnsealedModel unsealed = place.Unseal(sealed);
                      start(std::move(unsealed.memfd));
                    },
                    [&] { start(Require(compartment::LoadWeights(model, kModelBytesMax))); },
                    [&] { worker.reset(); }));
}

}  // namespace bulkhead::bench
