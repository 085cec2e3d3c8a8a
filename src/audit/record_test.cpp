// SPDX-License-Identifier: Apache-2.0
#include "audit/record.h"

#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "audit/test_log.h"
#include "audit/timestamp.h"

namespace bulkhead::audit {
namespace {

std::string LineOf(const Event& event, const RecordPlace& place = {}) {
  std::vector<std::byte> bytes;
  EncodeRecord(place, EncodeEvent(event), bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Record, ReadsWhatItWrote) {
  const RecordPlace place{
      .sequence = 12, .group = 9, .previous = HashOfNumber(1), .time_unix_ms = 1'800'000'000'007};
  Event event = ExampleEvent();
  event.reason = "made \"so\"";
  const std::string line = LineOf(event, place);
  const auto read = ReadRecord(line);
  ASSERT_TRUE(read.ok()) << read.error().detail << line;
  const RecordView& record = read.value();
  EXPECT_EQ(record.place.sequence, 12U);
  EXPECT_EQ(record.place.group, 9U);
  EXPECT_EQ(record.place.previous, HashOfNumber(1));
  EXPECT_EQ(record.place.time_unix_ms, 1'800'000'000'007);
  EXPECT_EQ(record.kind, EventKind::kModelUpload);
  EXPECT_EQ(record.stage, Stage::kResponseComplete);
  EXPECT_EQ(record.audit_id, "req-7");
  EXPECT_EQ(record.request_uri, "/admin/models");
  EXPECT_EQ(record.user_name, "ada");
  EXPECT_EQ(record.user_id, "TenantA123456789");
  EXPECT_EQ(record.source_ips[0], "10.0.0.7");
  EXPECT_EQ(record.source_ips[1], "127.0.0.1");
  EXPECT_EQ(record.source_ips[2], "");
  EXPECT_EQ(record.user_agent, "curl/8");
  EXPECT_EQ(record.tenant, "acme");
  EXPECT_EQ(record.object_name, "line-3");
  EXPECT_EQ(record.status, 201);
  EXPECT_EQ(PlainText(record.reason), "made \"so\"");
  EXPECT_EQ(record.received_unix_ms, 1'800'000'000'000);
  EXPECT_EQ(record.annotations[static_cast<std::size_t>(Annotation::kModelVersion)], "2");
}

TEST(Record, ReadsEveryKindWithNothingElse) {
  for (std::size_t kind = 0; kind < kEventKindCount; ++kind) {
    for (std::size_t stage = 0; stage < kStageCount; ++stage) {
      const Event event{.kind = static_cast<EventKind>(kind), .stage = static_cast<Stage>(stage)};
      const std::string line = LineOf(event);
      const auto read = ReadRecord(line);
      ASSERT_TRUE(read.ok()) << line;
      EXPECT_EQ(read.value().kind, event.kind);
      EXPECT_EQ(read.value().stage, event.stage);
    }
  }
}

// A text that would end the line, the text or the object, if it could.
TEST(Record, IsOneLineWhateverItsTextsAre) {
  for (const std::string hostile :
       {"\n{\"sequence\":1}", "\",\"event\":\"log-stop", "\\", "\\\"", "\r\n", "\x1b[2J", "\x7f",
        "\xff\xfe", "\u2028", "[\"]}", "…"}) {
    Event event = ExampleEvent();
    for (Label* label : {&event.audit_id, &event.request_uri, &event.user_name, &event.user_id,
                         &event.user_agent, &event.tenant, &event.object_name, &event.reason}) {
      *label = hostile;
    }
    event.source_ips = {hostile};
    event.annotations[Annotation::kReason] = hostile;
    const std::string line = LineOf(event);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto read = ReadRecord(line);
    ASSERT_TRUE(read.ok()) << line << read.error().detail;
    const std::string told = hostile == "\xff\xfe" ? "\uFFFD\uFFFD" : hostile;
    EXPECT_EQ(PlainText(read.value().user_agent), told);
    EXPECT_EQ(PlainText(read.value().source_ips[0]), told);
    EXPECT_EQ(read.value().kind, EventKind::kModelUpload);
  }
}

TEST(Record, StaysWithinItsLimitWhateverItsTextsAre) {
  const std::string worst(kLabelBytesMax, '\x01');
  Event event{.kind = EventKind::kPartitionChange,
              .audit_id = worst,
              .request_uri = worst,
              .user_name = worst,
              .user_id = worst,
              .source_ips = std::vector<Label>(100, Label(worst)),
              .user_agent = worst,
              .tenant = worst,
              .object_name = worst,
              .status = UINT16_MAX,
              .reason = worst,
              .received_unix_ms = std::numeric_limits<int64_t>::max()};
  for (std::size_t at = 0; at < kAnnotationCount; ++at) {
    event.annotations[static_cast<Annotation>(at)] = worst;
  }
  const std::string line = LineOf(event, {.sequence = UINT64_MAX, .group = UINT64_MAX});
  EXPECT_LE(line.size(), kRecordBytesMax);
  EXPECT_GT(line.size(), kRecordBytesMax / 2);
  EXPECT_TRUE(ReadRecord(line).ok());
}

TEST(Record, RefusesEveryOtherWayOfWritingIt) {
  const std::string line = LineOf(ExampleEvent());
  const auto with = [&line](std::string_view part, std::string_view other) {
    std::string changed = line;
    const std::size_t at = changed.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return changed.replace(at, part.size(), other);
  };
  for (const std::string& changed : {line + " ",
                                     " " + line,
                                     line.substr(0, line.size() - 1),
                                     line + "}",
                                     with("\"sequence\":0", "\"sequence\":00"),
                                     with("\"sequence\":0", "\"sequence\":-1"),
                                     with("\"group\":0,", ""),
                                     with("\"verb\":\"create\"", "\"verb\":\"get\""),
                                     with("\"models\"", "\"keys\""),
                                     with("model-upload", "model-erase"),
                                     with("Metadata", "Request"),
                                     with("ada", "\\u0061da"),
                                     with("ada", "a\tda"),
                                     with("ada", ""),
                                     with("ada", "a\\/da"),
                                     with("ada", "a\\u000Ada"),
                                     with("ada", "\xc3"),
                                     with("{\"code\":201}", "{}"),
                                     with("201", "0"),
                                     with("201", "65536"),
                                     with("201", "0201"),
                                     with("2027-01-15", "2027-02-30"),
                                     with("\"model-version\"", "\"model-vision\""),
                                     with("\"model-version\":\"2\"", "\"model-digest\":\"2\""),
                                     with("/admin", "/admin\",\"x\":\"")}) {
    EXPECT_FALSE(changed != line && ReadRecord(changed).ok()) << changed;
  }
}

TEST(Timestamp, IsReadBackAndNothingElseIs) {
  for (const int64_t ms :
       {int64_t{0}, int64_t{1}, int64_t{951'782'400'000}, int64_t{1'800'000'000'123}, kUnixMsMax}) {
    EXPECT_EQ(ParseTimestamp(Timestamp(ms)), ms);
  }
  EXPECT_EQ(Timestamp(951'827'696'789), "2000-02-29T12:34:56.789Z");
  EXPECT_EQ(Timestamp(-1), Timestamp(0));
  EXPECT_EQ(Timestamp(kUnixMsMax + 1), Timestamp(kUnixMsMax));
  for (const char* text :
       {"", "2001-02-29T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "2026-11-23T24:00:00.000Z",
        "2026-11-23T10:60:00.000Z", "2026-11-23T10:00:60.000Z", "2026-11-23 10:00:00.000Z",
        "2026-11-23T10:00:00.000z", "2026-11-23T10:00:00.00Z"}) {
    EXPECT_EQ(ParseTimestamp(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace bulkhead::audit
