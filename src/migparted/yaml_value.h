// SPDX-License-Identifier: Apache-2.0
// YAML of small configuration files as plain values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulkhead::migparted {

struct YamlValue {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  int line = 0;                   // from 1; of an alias, that of its anchor
  std::string scalar;             // as text; what type it has is for the reader to say
  bool quoted = false;            // a scalar in quotes is never a number or a truth value
  std::vector<std::string> keys;  // of a map, one for each item; none twice
  std::vector<YamlValue> items;   // of a sequence or a map

  // The value of that key, or nullptr.
  [[nodiscard]] const YamlValue* Find(std::string_view key) const;
};

// Bounds on a text and on what it becomes once aliases are replaced by what they stand for.
struct YamlLimits {
  std::size_t bytes = std::size_t{256} << 10;
  std::size_t values = 20'000;
  std::size_t scalar_bytes = std::size_t{1} << 20;
  std::size_t depth = 16;
};

// The one document in `text`; kNull when it is empty. kInvalid for text that is not YAML, keys that
// are not scalars or come twice, and several documents; kExhausted beyond the limits. The messages
// are public: one sentence, with the line.
base::Result<YamlValue> ParseYaml(std::string_view text, const YamlLimits& limits = {});

}  // namespace bulkhead::migparted
