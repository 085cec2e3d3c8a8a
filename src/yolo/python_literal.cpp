// SPDX-License-Identifier: Apache-2.0
#include "yolo/python_literal.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "yolo/python_string.h"

namespace bulkhead::yolo {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Parser {
 public:
  Parser(std::string_view text, const PythonLiteralLimits& limits) : text_(text), limits_(limits) {}

  base::Result<PythonLiteral> ParseAll() {
    BH_ASSIGN(PythonLiteral literal, ParseValue(0));
    SkipSpace();
    if (at_ != text_.size()) return Wrong("text after the value");
    return literal;
  }

 private:
  [[nodiscard]] base::Error Wrong(std::string_view what) const {
    return base::PublicError(base::Code::kInvalid, "not a Python literal: " + std::string(what) +
                                                       " at offset " + std::to_string(at_));
  }

  [[nodiscard]] char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool Take(char c) {
    SkipSpace();
    if (Peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }

  base::Result<PythonLiteral> ParseValue(int depth) {
    if (++elements_ > limits_.elements) {
      return base::PublicError(base::Code::kExhausted, "a Python literal with too many values");
    }
    SkipSpace();
    const char c = Peek();
    if (c == '\'' || c == '"') return ParseText();
    if (c == '{' || c == '[' || c == '(') {
      if (depth >= limits_.depth) {
        return base::PublicError(base::Code::kExhausted, "a Python literal nested too deeply");
      }
      ++at_;
      if (c == '{') return ParseDict(depth + 1);
      return ParseSequence(c == '[', depth + 1);
    }
    if (IsLetter(c)) return ParseWord(false);
    return ParseNumber();
  }

  base::Result<PythonLiteral> ParseText() {
    BH_ASSIGN(PythonString string, ParsePythonString(text_.substr(at_)));
    at_ += string.length;
    return PythonLiteral{std::move(string.text)};
  }

  base::Result<PythonLiteral> ParseDict(int depth) {
    PythonLiteral::Dict dict;
    while (!Take('}')) {
      if (!dict.entries.empty()) {
        if (!Take(',')) return Wrong("',' or '}' expected");
        if (Take('}')) break;
      }
      BH_ASSIGN(PythonLiteral key, ParseValue(depth));
      if (!Take(':')) return Wrong("':' expected");
      BH_ASSIGN(PythonLiteral value, ParseValue(depth));
      dict.entries.emplace_back(std::move(key), std::move(value));
    }
    return PythonLiteral{std::move(dict)};
  }

  base::Result<PythonLiteral> ParseSequence(bool list, int depth) {
    const char close = list ? ']' : ')';
    std::vector<PythonLiteral> items;
    bool comma = false;
    while (!Take(close)) {
      if (!items.empty()) {
        comma = Take(',');
        if (!comma) return Wrong("',' or the closing bracket expected");
        if (Take(close)) break;
      }
      BH_ASSIGN(PythonLiteral item, ParseValue(depth));
      items.push_back(std::move(item));
    }
    if (list) return PythonLiteral{PythonLiteral::List{std::move(items)}};
    // (x) is x in parentheses; only (x,) is a tuple of one.
    if (items.size() == 1 && !comma) return std::move(items.front());
    return PythonLiteral{PythonLiteral::Tuple{std::move(items)}};
  }

  base::Result<PythonLiteral> ParseWord(bool negative) {
    const std::size_t begin = at_;
    while (IsLetter(Peek())) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word == "inf") {
      const double inf = std::numeric_limits<double>::infinity();
      return PythonLiteral{negative ? -inf : inf};
    }
    if (word == "nan") return PythonLiteral{std::numeric_limits<double>::quiet_NaN()};
    if (!negative && word == "None") return PythonLiteral{};
    if (!negative && word == "True") return PythonLiteral{true};
    if (!negative && word == "False") return PythonLiteral{false};
    at_ = begin;
    return Wrong("a name");
  }

  void SkipDigits() {
    while (IsDigit(Peek())) ++at_;
  }

  base::Result<PythonLiteral> ParseNumber() {
    const std::size_t begin = at_;
    if (Peek() == '-') ++at_;
    if (IsLetter(Peek())) return ParseWord(true);
    const std::size_t digits = at_;
    SkipDigits();
    if (at_ == digits) return Wrong("a value expected");
    if (text_[digits] == '0' && at_ - digits > 1) return Wrong("a number with leading zeros");
    BH_ASSIGN(const bool is_float, SkipFractionAndExponent());
    const char* first = text_.data() + begin;
    const char* last = text_.data() + at_;
    if (is_float) {
      double value = 0;
      if (std::from_chars(first, last, value).ec != std::errc()) return Wrong("a float too large");
      return PythonLiteral{value};
    }
    int64_t value = 0;
    if (std::from_chars(first, last, value).ec != std::errc()) return Wrong("an int too large");
    return PythonLiteral{value};
  }

  base::Result<bool> SkipFractionAndExponent() {
    const std::size_t begin = at_;
    if (Peek() == '.') {
      ++at_;
      SkipDigits();
    }
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      if (Peek() == '+' || Peek() == '-') ++at_;
      if (!IsDigit(Peek())) return Wrong("an exponent without digits");
      SkipDigits();
    }
    return at_ != begin;
  }

  std::string_view text_;
  const PythonLiteralLimits& limits_;
  std::size_t at_ = 0;
  std::size_t elements_ = 0;
};

std::string FormatFloat(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value);
  std::string text(std::begin(buffer), end.ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void Append(const PythonLiteral& literal, std::string& out);

void AppendItems(const std::vector<PythonLiteral>& items, std::string& out) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i != 0) out += ", ";
    Append(items[i], out);
  }
}

void Append(const PythonLiteral& literal, std::string& out) {
  if (const auto* truth = literal.As<bool>()) {
    out += *truth ? "True" : "False";
  } else if (const auto* integer = literal.As<int64_t>()) {
    out += std::to_string(*integer);
  } else if (const auto* number = literal.As<double>()) {
    out += FormatFloat(*number);
  } else if (const auto* text = literal.As<std::string>()) {
    AppendPythonString(*text, out);
  } else if (const auto* list = literal.As<PythonLiteral::List>()) {
    out += '[';
    AppendItems(list->items, out);
    out += ']';
  } else if (const auto* tuple = literal.As<PythonLiteral::Tuple>()) {
    out += '(';
    AppendItems(tuple->items, out);
    out += tuple->items.size() == 1 ? ",)" : ")";
  } else if (const auto* dict = literal.As<PythonLiteral::Dict>()) {
    out += '{';
    for (std::size_t i = 0; i < dict->entries.size(); ++i) {
      if (i != 0) out += ", ";
      Append(dict->entries[i].first, out);
      out += ": ";
      Append(dict->entries[i].second, out);
    }
    out += '}';
  } else {
    out += "None";
  }
}

}  // namespace

const std::vector<PythonLiteral>* PythonLiteral::Sequence() const {
  if (const auto* list = As<List>()) return &list->items;
  if (const auto* tuple = As<Tuple>()) return &tuple->items;
  return nullptr;
}

const PythonLiteral* PythonLiteral::Find(std::string_view key) const {
  const auto* dict = As<Dict>();
  if (dict == nullptr) return nullptr;
  for (auto entry = dict->entries.rbegin(); entry != dict->entries.rend(); ++entry) {
    const auto* name = entry->first.As<std::string>();
    if (name != nullptr && *name == key) return &entry->second;
  }
  return nullptr;
}

base::Result<PythonLiteral> ParsePythonLiteral(std::string_view text,
                                               const PythonLiteralLimits& limits) {
  if (text.size() > limits.bytes) {
    return base::PublicError(base::Code::kExhausted, "a Python literal of too many bytes");
  }
  return Parser(text, limits).ParseAll();
}

std::string FormatPythonLiteral(const PythonLiteral& literal) {
  std::string out;
  Append(literal, out);
  return out;
}

}  // namespace bulkhead::yolo
