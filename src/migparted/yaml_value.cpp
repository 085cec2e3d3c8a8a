// SPDX-License-Identifier: Apache-2.0
#include "migparted/yaml_value.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace bulkhead::migparted {
namespace {

using Kind = YamlValue::Kind;

struct Weight {
  std::size_t values = 0;
  std::size_t scalar_bytes = 0;
};

Weight WeightOf(const YamlValue& value) {
  Weight weight{1, value.scalar.size()};
  for (const std::string& key : value.keys) weight.scalar_bytes += key.size();
  for (const YamlValue& item : value.items) {
    const Weight of = WeightOf(item);
    weight.values += of.values;
    weight.scalar_bytes += of.scalar_bytes;
  }
  return weight;
}

std::size_t DepthOf(const YamlValue& value) {
  std::size_t depth = 0;
  for (const YamlValue& item : value.items) depth = std::max(depth, DepthOf(item));
  return depth + 1;
}

// Builds the value from the parser's events. After the first error it ignores the rest: the parser
// goes on to the end of a text whose size is bounded, and nothing is kept of it.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(const YamlLimits& limits) : limits_(limits) {}

  base::Result<YamlValue> Take() {
    if (error_) return *std::move(error_);
    return std::move(root_);
  }
  [[nodiscard]] bool failed() const { return error_.has_value(); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) Fail(base::Code::kInvalid, mark.line + 1, "a second document begins");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add({.kind = Kind::kNull, .line = mark.line + 1}, anchor, {1, 0});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // "!" is what the parser says of text in quotes.
    Add({.kind = Kind::kScalar, .line = mark.line + 1, .scalar = value, .quoted = tag == "!"},
        anchor, {1, value.size()});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (failed()) return;
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      return Fail(base::Code::kInvalid, mark.line + 1, "an alias stands within its own anchor");
    }
    if (open_.size() + DepthOf(found->second) > limits_.depth) return TooDeep(mark.line + 1);
    Add(found->second, 0, WeightOf(found->second));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open({.kind = Kind::kSequence, .line = mark.line + 1}, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open({.kind = Kind::kMap, .line = mark.line + 1}, anchor);
  }
  void OnMapEnd() override { Close(); }

  void Fail(base::Code code, int line, std::string_view why) {
    if (!error_) error_ = base::PublicError(code, fmt::format("line {}: {}", line, why));
  }

 private:
  struct OpenValue {
    YamlValue value;
    YAML::anchor_t anchor = 0;
    std::set<std::string> keys;  // beside value.keys, where looking for one of many takes too long
  };

  void TooDeep(int line) {
    Fail(base::Code::kExhausted, line,
         fmt::format("more than {} values are nested", limits_.depth));
  }

  void Open(YamlValue value, YAML::anchor_t anchor) {
    if (failed()) return;
    if (open_.size() + 1 >= limits_.depth) return TooDeep(value.line);
    if (AwaitsKey()) return KeyIsNoText(value.line);
    open_.push_back({std::move(value), anchor, {}});
  }

  void Close() {
    if (failed()) return;
    OpenValue closed = std::move(open_.back());
    open_.pop_back();
    Add(std::move(closed.value), closed.anchor, {1, 0});
  }

  // A finished value takes its place in what is open. `added` is what it weighs beside values that
  // were counted when they came.
  void Add(YamlValue value, YAML::anchor_t anchor, const Weight& added) {
    if (failed() || !Admit(added, value.line)) return;
    if (anchor != 0) {
      if (!Admit(WeightOf(value), value.line)) return;
      anchors_[anchor] = value;
    }
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    YamlValue& parent = open_.back().value;
    if (!AwaitsKey()) {
      parent.items.push_back(std::move(value));
      return;
    }
    if (value.kind != Kind::kScalar) return KeyIsNoText(value.line);
    if (!open_.back().keys.insert(value.scalar).second) {
      return Fail(base::Code::kInvalid, value.line, "a key comes twice");
    }
    parent.keys.push_back(std::move(value.scalar));
  }

  bool Admit(const Weight& weight, int line) {
    kept_.values += weight.values;
    kept_.scalar_bytes += weight.scalar_bytes;
    if (kept_.values <= limits_.values && kept_.scalar_bytes <= limits_.scalar_bytes) return true;
    Fail(base::Code::kExhausted, line,
         fmt::format("more than {} values, or {} bytes of text in them", limits_.values,
                     limits_.scalar_bytes));
    return false;
  }

  [[nodiscard]] bool AwaitsKey() const {
    if (open_.empty()) return false;
    const YamlValue& parent = open_.back().value;
    return parent.kind == Kind::kMap && parent.keys.size() == parent.items.size();
  }

  void KeyIsNoText(int line) { Fail(base::Code::kInvalid, line, "a key is not a plain text"); }

  const YamlLimits limits_;
  int documents_ = 0;
  Weight kept_;
  YamlValue root_;
  std::vector<OpenValue> open_;
  std::map<YAML::anchor_t, YamlValue> anchors_;
  std::optional<base::Error> error_;
};

}  // namespace

const YamlValue* YamlValue::Find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key);
  return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

base::Result<YamlValue> ParseYaml(std::string_view text, const YamlLimits& limits) {
  if (text.size() > limits.bytes) {
    return base::PublicError(base::Code::kExhausted,
                             fmt::format("the text has more than {} bytes", limits.bytes));
  }
  Builder builder(limits);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (!builder.failed() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& broken) {
    builder.Fail(base::Code::kInvalid, broken.mark.line + 1, "this is not YAML");
  }
  return builder.Take();
}

}  // namespace bulkhead::migparted
