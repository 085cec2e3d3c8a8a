// SPDX-License-Identifier: Apache-2.0
#include "seal/seal.h"

#include <algorithm>
#include <utility>

namespace bulkhead::seal {
namespace {

using base::Code;
using base::PublicError;

base::Error Changed() {
  return PublicError(Code::kInvalid, "the model changed while it was sealed; seal it again");
}

}  // namespace

base::Result<Sealer> Sealer::Begin(const SealedHeader& header, base::Aes256Key data_key,
                                   Sink sink) {
  BH_ASSIGN(const std::vector<std::byte> bytes, EncodeSealedHeader(header));
  BH_ASSIGN(const std::vector<std::byte> bound, EncodeBound(header));
  BH_ASSIGN(FloeSealer floe, FloeSealer::Start(data_key, bound, {}));
  BH_ASSIGN(base::SecretBytes plain, base::SecretBytes::Allocate(floe.plain_bytes()));
  BH_TRY(sink(bytes));
  BH_TRY(sink(floe.header()));
  return Sealer(header, std::move(floe), std::move(plain), std::move(sink));
}

Sealer::Sealer(SealedHeader header, FloeSealer floe, base::SecretBytes plain, Sink sink)
    : header_(std::move(header)),
      floe_(std::move(floe)),
      plain_(std::move(plain)),
      sink_(std::move(sink)) {}

base::Status Sealer::Write(std::span<const std::byte> plain) {
  if (plain.size() > header_.plain_bytes - written_) return Changed();
  written_ += plain.size();
  digest_.Update(plain);
  while (!plain.empty()) {
    // Only once more follows is it known that a full segment is not the last.
    if (plain_used_ == plain_.bytes().size()) BH_TRY(SealSegment());
    const std::size_t count = std::min(plain.size(), plain_.bytes().size() - plain_used_);
    std::ranges::copy(plain.first(count), plain_.bytes().subspan(plain_used_).begin());
    plain_used_ += count;
    plain = plain.subspan(count);
  }
  return base::Ok();
}

base::Status Sealer::SealSegment() {
  sealed_.resize(plain_used_ + kFloeSegmentOverhead);
  BH_TRY(floe_.Seal(plain_.bytes(), sealed_));
  plain_used_ = 0;
  return sink_(sealed_);
}

base::Status Sealer::Finish() {
  if (written_ != header_.plain_bytes || digest_.Finish() != header_.plain_sha256) {
    return Changed();
  }
  sealed_.resize(plain_used_ + kFloeSegmentOverhead);
  BH_TRY(floe_.SealLast(plain_.bytes().first(plain_used_), sealed_));
  return sink_(sealed_);
}

}  // namespace bulkhead::seal
