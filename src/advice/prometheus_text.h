// SPDX-License-Identifier: Apache-2.0
// Prometheus' text exposition format 0.0.4, as exporters write it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulkhead::advice {

inline constexpr std::size_t kExpositionBytesMax = std::size_t{16} << 20;
inline constexpr std::size_t kLabelsMax = 64;

struct Label {
  std::string name;
  std::string value;
  friend bool operator==(const Label&, const Label&) = default;
};

struct Sample {
  std::string name;
  std::vector<Label> labels;  // in their order
  double value = 0;           // NaN and infinities are values too

  // Empty when there is no such label, which Prometheus takes for the same.
  [[nodiscard]] std::string_view label(std::string_view wanted) const;
};

// Gives every sample to `each`, in their order; comments and times of samples are passed over.
// kInvalid: text that is none, with the number of its line; kExhausted: too long, or too many
// labels. `each` has seen the samples before the fault.
base::Status ReadPrometheusText(std::string_view text,
                                const std::function<void(const Sample&)>& each);

}  // namespace bulkhead::advice
