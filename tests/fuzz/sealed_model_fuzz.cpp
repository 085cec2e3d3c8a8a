// SPDX-License-Identifier: Apache-2.0
// A hostile sealed file: as it comes, and behind a right header with a right key.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "base/unique_fd.h"
#include "seal/sealed_file.h"
#include "seal/sealed_header.h"
#include "seal/test_sealed.h"
#include "seal/unseal.h"

namespace {

namespace seal = bulkhead::seal;

constexpr uint64_t kPlainBytesHere = 1 << 20;

void OpenFile(std::span<const std::byte> bytes) {
  const bulkhead::base::UniqueFd file(::memfd_create("sealed", MFD_CLOEXEC));
  BH_CHECK(::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  const auto decoded = seal::ReadSealedHeader(file.get());
  if (!decoded.ok() || decoded.value().header.plain_bytes > kPlainBytesHere) return;
  std::vector<std::byte> plain(decoded.value().header.plain_bytes);
  // Nobody who does not hold the key makes a body that opens.
  BH_CHECK(!seal::Unseal(file.get(), decoded.value(), seal::kTestKey, plain).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto decoded = seal::DecodeSealedHeader(bytes);
  if (decoded.ok()) {
    // What can be read is what is written.
    const auto written = seal::EncodeSealedHeader(decoded.value().header);
    BH_CHECK(written.ok() &&
             std::ranges::equal(written.value(), bytes.first(written.value().size())));
  }
  OpenFile(bytes);

  const std::vector<std::byte> header = seal::EncodeSealedHeader(seal::HeaderOf("abc")).value();
  std::vector<std::byte> file = header;
  file.insert(file.end(), bytes.begin(), bytes.end());
  file.resize(header.size() + seal::BodyBytes(seal::HeaderOf("abc")));
  OpenFile(file);
  return 0;
}
