// SPDX-License-Identifier: Apache-2.0
#include "release/tpm_quote.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/p256.h"
#include "base/sha256.h"
#include "release/tpm_bytes.h"

namespace bulkhead::release {
namespace {

using base::Code;
using base::OperatorError;

// Part 2, 6.3 (TPM_ALG_ID), 6.2 (TPM_GENERATED), 6.9 (TPM_ST) and 6.4 (TPM_ECC_CURVE).
constexpr uint16_t kSha256 = 0x000B;
constexpr uint16_t kNull = 0x0010;
constexpr uint16_t kEcdsa = 0x0018;
constexpr uint16_t kEcc = 0x0023;
constexpr uint16_t kP256 = 0x0003;
constexpr uint32_t kGenerated = 0xFF544347;
constexpr uint16_t kQuote = 0x8018;
constexpr std::size_t kSelectBytesMax = 4;
constexpr std::size_t kNameBytesMax = 66;
constexpr std::size_t kDigestBytesMax = 64;

// Part 2, 8.3: the key was made in its TPM, cannot leave it, and signs nothing that is not the
// TPM's own.
constexpr uint32_t kFixedTpm = 1U << 1;
constexpr uint32_t kFixedParent = 1U << 4;
constexpr uint32_t kSensitiveDataOrigin = 1U << 5;
constexpr uint32_t kRestricted = 1U << 16;
constexpr uint32_t kDecrypt = 1U << 17;
constexpr uint32_t kSign = 1U << 18;
constexpr uint32_t kMust = kFixedTpm | kFixedParent | kSensitiveDataOrigin | kRestricted | kSign;

base::Error Wrong(const std::string& what) {
  return OperatorError(Code::kInvalid, "evidence of a TPM: " + what);
}

struct Point {
  base::P256Number x{};
  base::P256Number y{};
};

// TPMs may leave leading zeros out.
base::P256Number ReadNumber(TpmReader& reader) {
  base::P256Number number{};
  const auto bytes = reader.ReadSized(number.size());
  std::ranges::copy(bytes, number.end() - static_cast<std::ptrdiff_t>(bytes.size()));
  return number;
}

base::Result<Point> ParseKey(std::span<const std::byte> key) {
  TpmReader reader(key);
  reader.Expect<uint16_t>(kEcc);
  reader.Expect<uint16_t>(kSha256);  // of its Name
  const auto attributes = reader.Read<uint32_t>();
  (void)reader.ReadSized(kDigestBytesMax);  // its policy
  reader.Expect<uint16_t>(kNull);           // symmetric
  reader.Expect<uint16_t>(kEcdsa);
  reader.Expect<uint16_t>(kSha256);
  reader.Expect<uint16_t>(kP256);
  reader.Expect<uint16_t>(kNull);  // key derivation
  Point point;
  point.x = ReadNumber(reader);
  point.y = ReadNumber(reader);
  if (!reader.finished()) return Wrong("the key is not one of P-256 for ECDSA with SHA-256");
  if ((attributes & kMust) != kMust || (attributes & kDecrypt) != 0) {
    return Wrong("the key may leave its TPM, or may sign what is not the TPM's own");
  }
  return point;
}

base::Status CheckSignature(const Evidence& evidence, const Point& key) {
  TpmReader reader(evidence.signature);
  reader.Expect<uint16_t>(kEcdsa);
  reader.Expect<uint16_t>(kSha256);
  const base::P256Number r = ReadNumber(reader);
  const base::P256Number s = ReadNumber(reader);
  if (!reader.finished()) return Wrong("the signature is not one of ECDSA with SHA-256");
  if (base::VerifyP256(key.x, key.y, evidence.statement, r, s)) return base::Ok();
  return OperatorError(Code::kDenied, "evidence of a TPM: the signature is not the key's");
}

struct Quote {
  std::vector<std::byte> nonce;
  std::set<uint32_t> pcrs;
  base::Sha256Digest digest{};
};

base::Result<Quote> ParseQuote(std::span<const std::byte> statement) {
  TpmReader reader(statement);
  reader.Expect<uint32_t>(kGenerated);
  reader.Expect<uint16_t>(kQuote);
  (void)reader.ReadSized(kNameBytesMax);  // of the key and those above it
  Quote quote;
  const auto nonce = reader.ReadSized(kDigestBytesMax);
  quote.nonce.assign(nonce.begin(), nonce.end());
  // Clock, counts of resets and restarts, whether the clock is safe; the firmware's version.
  (void)reader.ReadBytes(8 + 4 + 4 + 1 + 8);
  reader.Expect<uint32_t>(1);  // banks
  reader.Expect<uint16_t>(kSha256);
  const auto select = reader.ReadBytes(reader.Read<uint8_t>());
  const auto digest = reader.ReadSized(quote.digest.size());
  if (!reader.finished() || select.size() > kSelectBytesMax ||
      digest.size() != quote.digest.size()) {
    return Wrong("the statement is not a quote of its bank of SHA-256");
  }
  for (std::size_t bit = 0; bit < 8 * select.size(); ++bit) {
    if ((select[bit / 8] & std::byte(1U << bit % 8)) != std::byte{0}) {
      quote.pcrs.insert(static_cast<uint32_t>(bit));
    }
  }
  std::ranges::copy(digest, quote.digest.begin());
  return quote;
}

base::Status CheckPcrs(const PcrValues& values, const Quote& quote) {
  std::set<uint32_t> numbers;
  base::Sha256 all;
  for (const auto& [number, value] : values) {
    numbers.insert(number);
    all.Update(value);
  }
  if (numbers == quote.pcrs && all.Finish() == quote.digest) return base::Ok();
  return Wrong("the registers do not hold what was quoted");
}

}  // namespace

base::Result<Attested> CheckEvidence(const Evidence& evidence, const Nonce& nonce) {
  if (evidence.kind != "tpm2") {
    return OperatorError(Code::kUnsupported, "nothing here checks evidence of " + evidence.kind);
  }
  BH_ASSIGN(const Point key, ParseKey(evidence.key));
  BH_ASSIGN(const Quote quote, ParseQuote(evidence.statement));
  BH_TRY(CheckSignature(evidence, key));
  if (!std::ranges::equal(quote.nonce, nonce)) return Wrong("it was made for another release");
  BH_TRY(CheckPcrs(evidence.pcrs, quote));
  return Attested{base::Sha256Of(evidence.key), evidence.pcrs};
}

}  // namespace bulkhead::release
