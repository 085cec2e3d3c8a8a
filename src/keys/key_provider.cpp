// SPDX-License-Identifier: Apache-2.0
#include "keys/key_provider.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/byte_writer.h"

namespace bulkhead::keys {
namespace {

using base::Code;
using base::PublicError;

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kPurposeTextBytesMax = 256;

bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool IsPurposeText(std::string_view text) {
  return !text.empty() && text.size() <= kPurposeTextBytesMax;
}

}  // namespace

base::Status CheckKeyName(const std::string& key) {
  const bool good = !key.empty() && key.size() <= kNameBytesMax && IsLetterOrDigit(key.front()) &&
                    std::ranges::all_of(key, [](char c) { return IsLetterOrDigit(c) || c == '-'; });
  if (good) return base::Ok();
  return PublicError(Code::kInvalid,
                     "the name of a key: 1 to 64 of a-z, 0-9 and -, beginning with a letter or "
                     "digit");
}

base::Status CheckPurpose(const Purpose& purpose) {
  if (IsPurposeText(purpose.tenant) && IsPurposeText(purpose.model)) return base::Ok();
  return PublicError(Code::kInvalid, "a data key is for a tenant and a model of 1 to 256 bytes");
}

std::vector<std::byte> EncodePurpose(const Purpose& purpose) {
  base::ByteWriter writer;
  writer.WriteText(purpose.tenant);
  writer.WriteText(purpose.model);
  writer.Write<uint32_t>(purpose.version);
  return std::move(writer).Take();
}

}  // namespace bulkhead::keys
