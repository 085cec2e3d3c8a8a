// SPDX-License-Identifier: Apache-2.0
#include "sandbox_cases/forged_outputs.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace bulkhead::sandbox_cases {
namespace {

constexpr std::size_t kValues = 6 * 84;

float ValueOf(std::string_view form) {
  if (form == "nan") return std::numeric_limits<float>::quiet_NaN();
  if (form == "infinity") return std::numeric_limits<float>::infinity();
  if (form == "huge") return std::numeric_limits<float>::max();
  if (form == "negative") return -1e30F;
  return 0.99F;
}

}  // namespace

base::Result<std::span<const base::TensorView>> ForgedOutputs::Make(
    std::string_view form, std::span<const base::TensorView> honest) {
  if (form == "error") {
    // The text is the attacker's.
    return base::OperatorError(base::Code::kInternal,
                               "\x1b]0;owned\x07\n../../etc/passwd \xff%s%n");
  }
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  values_.assign(kValues, ValueOf(form));
  views_.assign(honest.begin(), honest.end());
  views_[0].bytes = std::as_bytes(std::span(values_));
  if (form == "no-outputs") views_.clear();
  if (form == "two-outputs") views_.push_back(views_[0]);
  if (form == "other-type") views_[0].type = base::ElementType::kInt64;
  if (form == "rank") views_[0].dims = {6, 84};
  if (form == "negative-side") views_[0].dims = {1, -6, -84};
  if (form == "overflowing-sides") views_[0].dims = {1, kMost, kMost};
  if (form == "many-anchors") views_[0].dims = {1, 6, int64_t{1} << 40};
  if (form == "short-bytes") views_[0].bytes = views_[0].bytes.first(7);
  if (form == "null-bytes") views_[0].bytes = {};
  return std::span<const base::TensorView>(views_);
}

}  // namespace bulkhead::sandbox_cases
