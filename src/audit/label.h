// SPDX-License-Identifier: Apache-2.0
// A text in an event: short, and never a credential.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bulkhead::audit {

constexpr std::size_t kLabelBytesMax = 200;

// Frames and secrets are bytes (base::SecretBytes, spans), from which no label can be made. A text
// is cut to kLabelBytesMax, its end replaced by "…"; one that looks like it holds a credential (an
// API key of ours, a JSON Web Token, a PEM block, a Vault token, a long run of base 64) is replaced
// by "[withheld]" as a whole: the log is read by more people than may have the key, and never
// forgets. Bytes that are not UTF-8 are written as U+FFFD (base/json_writer.h).
class Label {
 public:
  Label() = default;
  Label(std::string_view text);
  Label(const std::string& text) : Label(std::string_view(text)) {}
  Label(const char* text) : Label(std::string_view(text)) {}

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  friend bool operator==(const Label&, const Label&) = default;

 private:
  std::string text_;
};

}  // namespace bulkhead::audit
