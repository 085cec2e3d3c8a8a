// SPDX-License-Identifier: Apache-2.0
#include "advice/prometheus_text.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace bulkhead::advice {
namespace {

constexpr std::string_view kBlank = " \t";

bool IsNameByte(char byte, bool first, bool colon) {
  const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
  return letter || (colon && byte == ':') || (!first && byte >= '0' && byte <= '9');
}

// One line, eaten from its front. What is said of a fault goes behind the line's number.
class Line {
 public:
  explicit Line(std::string_view rest) : rest_(rest) {}

  void SkipBlanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlank), rest_.size()));
  }
  [[nodiscard]] bool done() const { return rest_.empty(); }
  bool Eat(char byte) {
    if (rest_.empty() || rest_.front() != byte) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Empty: there is none.
  std::string_view EatName(bool colon) {
    std::size_t length = 0;
    while (length < rest_.size() && IsNameByte(rest_[length], length == 0, colon)) ++length;
    return EatBytes(length);
  }
  std::string_view EatWord() {
    return EatBytes(std::min(rest_.find_first_of(kBlank), rest_.size()));
  }
  // After its opening quote. nullopt: it does not end, or escapes what cannot be.
  std::optional<std::string> EatQuoted() {
    std::string value;
    while (!rest_.empty()) {
      const char byte = rest_.front();
      rest_.remove_prefix(1);
      if (byte == '"') return value;
      if (byte != '\\') {
        value += byte;
        continue;
      }
      if (rest_.empty()) return std::nullopt;
      const char escaped = rest_.front();
      rest_.remove_prefix(1);
      if (escaped != '\\' && escaped != '"' && escaped != 'n') return std::nullopt;
      value += escaped == 'n' ? '\n' : escaped;
    }
    return std::nullopt;
  }

 private:
  std::string_view EatBytes(std::size_t length) {
    const std::string_view bytes = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return bytes;
  }

  std::string_view rest_;
};

std::optional<double> ParseValue(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  const char* end = word.data() + word.size();
  const auto [stopped, error] = std::from_chars(word.data(), end, value);
  // A number too large for a double is as unusable as none.
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

base::Error Wrong(std::string_view what) {
  return base::OperatorError(base::Code::kInvalid, std::string(what));
}

// After the opening brace.
base::Status ReadLabels(Line& line, std::vector<Label>& labels) {
  for (;;) {
    line.SkipBlanks();
    if (line.Eat('}')) return base::Ok();
    if (labels.size() == kLabelsMax) {
      return base::OperatorError(base::Code::kExhausted, "too many labels");
    }
    const std::string_view name = line.EatName(false);
    if (name.empty()) return Wrong("no name of a label");
    line.SkipBlanks();
    if (!line.Eat('=')) return Wrong("a label without =");
    line.SkipBlanks();
    if (!line.Eat('"')) return Wrong("a label without quotes");
    std::optional<std::string> value = line.EatQuoted();
    if (!value) return Wrong("a label's value that does not end");
    labels.push_back({std::string(name), *std::move(value)});
    line.SkipBlanks();
    if (line.Eat('}')) return base::Ok();
    if (!line.Eat(',')) return Wrong("neither , nor } after a label");
  }
}

// A line that is neither empty nor a comment.
base::Status ReadSample(Line& line, Sample& sample) {
  sample.name = line.EatName(true);
  if (sample.name.empty()) return Wrong("no name of a metric");
  line.SkipBlanks();
  if (line.Eat('{')) BH_TRY(ReadLabels(line, sample.labels));
  line.SkipBlanks();
  const std::optional<double> value = ParseValue(line.EatWord());
  if (!value) return Wrong("no value that is a number");
  sample.value = *value;
  line.SkipBlanks();
  const std::string_view time = line.EatWord();
  line.SkipBlanks();
  const bool digits = time.find_first_not_of("-0123456789") == std::string_view::npos;
  if (!digits || !line.done()) return Wrong("more than a value and its time");
  return base::Ok();
}

}  // namespace

std::string_view Sample::label(std::string_view wanted) const {
  const auto found = std::ranges::find(labels, wanted, &Label::name);
  return found == labels.end() ? std::string_view() : std::string_view(found->value);
}

base::Status ReadPrometheusText(std::string_view text,
                                const std::function<void(const Sample&)>& each) {
  if (text.size() > kExpositionBytesMax) {
    return base::OperatorError(base::Code::kExhausted, "more metrics than anybody exports");
  }
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    Line line(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
    line.SkipBlanks();
    if (line.done() || line.Eat('#')) continue;
    Sample sample;
    base::Status read = ReadSample(line, sample);
    if (!read.ok()) {
      return base::WithContext(std::move(read).error(), fmt::format("line {}", number));
    }
    each(sample);
  }
  return base::Ok();
}

}  // namespace bulkhead::advice
