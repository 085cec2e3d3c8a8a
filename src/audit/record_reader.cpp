// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <utility>

#include "audit/record.h"
#include "audit/timestamp.h"
#include "base/utf8.h"

namespace bulkhead::audit {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The length of an escape as base::JsonWriter writes it; 0: it is none.
std::size_t EscapeLength(std::string_view text) {
  if (text.size() < 2) return 0;
  if (text[1] == '"' || text[1] == '\\') return 2;
  if (!text.starts_with("\\u00") || text.size() < 6) return 0;
  // A control character: what is above needs no escape.
  return (text[4] == '0' || text[4] == '1') && HexDigit(text[5]) >= 0 ? 6 : 0;
}

bool IsPlain(char c) { return c >= 0x20 && c <= 0x7E && c != '"' && c != '\\'; }

// Reads a line from the front; after the first thing that is not there, nothing is.
class Scanner {
 public:
  explicit Scanner(std::string_view line) : rest_(line) {}

  // Whether this comes next; it is passed over then.
  bool Take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  void Expect(std::string_view text) { ok_ = ok_ && Take(text); }

  std::string_view Text();
  uint64_t Number();
  Hash Digest();
  int64_t Time();

  void Fail() { ok_ = false; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// A text that is not empty, and its closing quote.
std::string_view Scanner::Text() {
  std::size_t end = 0;
  while (ok_) {
    while (end < rest_.size() && IsPlain(rest_[end])) ++end;
    if (end >= rest_.size() || rest_[end] == '"') break;
    std::size_t length = 0;
    if (rest_[end] == '\\') {
      length = EscapeLength(rest_.substr(end));
    } else if (rest_[end] == 0x7F || static_cast<unsigned char>(rest_[end]) >= 0x80) {
      length = base::FirstUtf8(rest_.substr(end)).length;
    }
    if (length == 0) ok_ = false;
    end += length;
  }
  if (!ok_ || end == 0 || end >= rest_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return text;
}

uint64_t Scanner::Number() {
  uint64_t value = 0;
  const char* begin = rest_.data();
  const auto [end, error] = std::from_chars(begin, begin + rest_.size(), value);
  // No zeros in front, so that a number is written in one way.
  ok_ = ok_ && error == std::errc{} && (*begin != '0' || end == begin + 1);
  if (!ok_) return 0;
  rest_.remove_prefix(static_cast<std::size_t>(end - begin));
  return value;
}

Hash Scanner::Digest() {
  Hash digest{};
  ok_ = ok_ && rest_.size() >= 2 * digest.size();
  if (!ok_) return digest;
  for (std::size_t at = 0; at < digest.size(); ++at) {
    const int high = HexDigit(rest_[2 * at]);
    const int low = HexDigit(rest_[2 * at + 1]);
    if (high < 0 || low < 0) ok_ = false;
    digest[at] = static_cast<std::byte>(high << 4 | low);
  }
  rest_.remove_prefix(2 * digest.size());
  return digest;
}

int64_t Scanner::Time() {
  const auto time = ParseTimestamp(rest_.substr(0, kTimestampChars));
  ok_ = ok_ && time.has_value();
  if (!ok_) return 0;
  rest_.remove_prefix(kTimestampChars);
  return *time;
}

void ReadPlace(Scanner& scanner, RecordPlace& place) {
  scanner.Expect("{\"sequence\":");
  place.sequence = scanner.Number();
  scanner.Expect(",\"group\":");
  place.group = scanner.Number();
  scanner.Expect(",\"previous\":\"");
  place.previous = scanner.Digest();
  scanner.Expect("\",\"stageTimestamp\":\"");
  place.time_unix_ms = scanner.Time();
  scanner.Expect("\",\"event\":\"");
}

void ReadStage(Scanner& scanner, Stage& stage) {
  const std::string_view name = scanner.Text();
  for (std::size_t at = 0; at < kStageCount; ++at) {
    stage = static_cast<Stage>(at);
    if (NameOf(stage) == name) return;
  }
  scanner.Fail();
}

void ReadUser(Scanner& scanner, RecordView& record) {
  if (!scanner.Take(",\"user\":{")) return;
  const bool named = scanner.Take("\"username\":\"");
  if (named) record.user_name = scanner.Text();
  if (scanner.Take(named ? ",\"uid\":\"" : "\"uid\":\"")) {
    record.user_id = scanner.Text();
  } else if (!named) {
    scanner.Fail();
  }
  scanner.Expect("}");
}

void ReadSources(Scanner& scanner, RecordView& record) {
  if (!scanner.Take(",\"sourceIPs\":[\"")) return;
  std::size_t count = 0;
  do {
    if (count == record.source_ips.size()) return scanner.Fail();
    record.source_ips[count++] = scanner.Text();
  } while (scanner.ok() && scanner.Take(",\""));
  scanner.Expect("]");
}

void ReadObject(Scanner& scanner, RecordView& record) {
  scanner.Expect(",\"objectRef\":{\"resource\":\"");
  scanner.Expect(NamesOf(record.kind).resource);
  scanner.Expect("\"");
  if (scanner.Take(",\"namespace\":\"")) record.tenant = scanner.Text();
  if (scanner.Take(",\"name\":\"")) record.object_name = scanner.Text();
  scanner.Expect("}");
}

void ReadStatus(Scanner& scanner, RecordView& record) {
  if (!scanner.Take(",\"responseStatus\":{")) return;
  const bool coded = scanner.Take("\"code\":");
  if (coded) {
    const uint64_t code = scanner.Number();
    if (code == 0 || code > UINT16_MAX) scanner.Fail();
    record.status = static_cast<uint16_t>(code);
  }
  if (scanner.Take(coded ? ",\"reason\":\"" : "\"reason\":\"")) {
    record.reason = scanner.Text();
  } else if (!coded) {
    scanner.Fail();
  }
  scanner.Expect("}");
}

void ReadAnnotations(Scanner& scanner, RecordView& record) {
  if (!scanner.Take(",\"annotations\":{\"")) return;
  std::size_t at = 0;
  for (;;) {
    const std::string_view name = scanner.Text();
    while (at < kAnnotationCount && NameOf(static_cast<Annotation>(at)) != name) ++at;
    if (!scanner.ok() || at == kAnnotationCount) return scanner.Fail();
    scanner.Expect(":\"");
    record.annotations[at++] = scanner.Text();
    if (!scanner.Take(",\"")) break;
  }
  scanner.Expect("}");
}

void ReadEvent(Scanner& scanner, RecordView& record) {
  const auto kind = EventKindNamed(scanner.Text());
  if (!kind) return scanner.Fail();
  record.kind = *kind;
  scanner.Expect(",\"level\":\"Metadata\"");
  if (scanner.Take(",\"auditID\":\"")) record.audit_id = scanner.Text();
  scanner.Expect(",\"stage\":\"");
  ReadStage(scanner, record.stage);
  if (scanner.Take(",\"requestURI\":\"")) record.request_uri = scanner.Text();
  scanner.Expect(",\"verb\":\"");
  scanner.Expect(NamesOf(record.kind).verb);
  scanner.Expect("\"");
  ReadUser(scanner, record);
  ReadSources(scanner, record);
  if (scanner.Take(",\"userAgent\":\"")) record.user_agent = scanner.Text();
  ReadObject(scanner, record);
  ReadStatus(scanner, record);
  if (scanner.Take(",\"requestReceivedTimestamp\":\"")) {
    record.received_unix_ms = scanner.Time();
    if (record.received_unix_ms == 0) scanner.Fail();
    scanner.Expect("\"");
  }
  ReadAnnotations(scanner, record);
  scanner.Expect("}");
}

}  // namespace

base::Result<RecordView> ReadRecord(std::string_view line) {
  Scanner scanner(line);
  RecordView record;
  if (line.size() > kRecordBytesMax) scanner.Fail();
  ReadPlace(scanner, record.place);
  if (scanner.ok()) ReadEvent(scanner, record);
  if (scanner.ok() && scanner.remaining() == 0) return record;
  return base::OperatorError(
      base::Code::kCorrupt,
      "no record after its first " + std::to_string(line.size() - scanner.remaining()) + " bytes");
}

std::string PlainText(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  while (!json.empty()) {
    if (json.front() != '\\') {
      text += json.front();
      json.remove_prefix(1);
    } else if (json[1] != 'u') {
      text += json[1];
      json.remove_prefix(2);
    } else {
      text += static_cast<char>(HexDigit(json[4]) << 4 | HexDigit(json[5]));
      json.remove_prefix(6);
    }
  }
  return text;
}

}  // namespace bulkhead::audit
