// SPDX-License-Identifier: Apache-2.0
#include "meter/record_codec.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "meter/test_ledger.h"

namespace bulkhead::meter {
namespace {

using Bytes = std::vector<std::byte>;

FrameRecord TakesBack() {
  FrameRecord record = ExampleRecord();
  record.outcome = Outcome::kUndelivered;
  record.about = {.epoch = 7, .sequence = 9};
  return record;
}

base::Result<Entry> Decoded(std::span<const std::byte> bytes) {
  base::ByteReader reader(bytes);
  auto entry = DecodeEntry(reader);
  EXPECT_EQ(entry.ok(), reader.finished());
  return entry;
}

TEST(RecordCodec, ReadsBackWhatItWrote) {
  FrameRecord largest = ExampleRecord();
  largest.tenant = largest.key = largest.model = largest.deployment = std::string(64, '~');
  largest.bytes_in = largest.compute_us = kAmountMax;
  largest.version = largest.frames = largest.width = largest.height = UINT32_MAX;
  largest.time_unix_ms = INT64_MAX;
  FrameRecord nameless = ExampleRecord();
  nameless.key = nameless.deployment = "";
  for (const FrameRecord& record : {ExampleRecord(), TakesBack(), largest, nameless}) {
    ASSERT_TRUE(CheckRecord(record).ok());
    Bytes bytes;
    EncodeRecord(record, bytes);
    EXPECT_LE(bytes.size(), kRecordBytesMax);
    EXPECT_EQ(Decoded(bytes).value(), Entry(record));
  }
  const ExportMark mark{ExportStep::kDone, 3'600'000, 4, 5, 6};
  Bytes bytes;
  EncodeMark(mark, bytes);
  EXPECT_EQ(Decoded(bytes).value(), Entry(mark));
}

TEST(RecordCodec, RefusesEveryCutRecord) {
  Bytes bytes;
  EncodeRecord(TakesBack(), bytes);
  for (std::size_t count = 0; count < bytes.size(); ++count) {
    const auto entry = Decoded(std::span(bytes).first(count));
    ASSERT_FALSE(entry.ok()) << count;
    EXPECT_EQ(entry.error().code, base::Code::kCorrupt);
  }
}

TEST(RecordCodec, WritesNothingButWhatItCanReadBack) {
  const std::vector<std::function<void(FrameRecord&)>> changes = {
      [](FrameRecord& record) { record.outcome = Outcome{0}; },
      [](FrameRecord& record) { record.outcome = Outcome{4}; },
      [](FrameRecord& record) { record.tenant = std::string(65, 'a'); },
      [](FrameRecord& record) { record.key = "\xFF"; },
      [](FrameRecord& record) { record.model = "a b"; },
      [](FrameRecord& record) { record.deployment = std::string(1, '\0'); },
      [](FrameRecord& record) { record.frames = 0; },
      [](FrameRecord& record) { record.bytes_in = kAmountMax + 1; },
      [](FrameRecord& record) { record.compute_us = kAmountMax + 1; },
      [](FrameRecord& record) { record.time_unix_ms = -1; },
      [](FrameRecord& record) { record.about = {.epoch = 1, .sequence = 1}; },
      [](FrameRecord& record) { record.outcome = Outcome::kUndelivered; },
  };
  for (std::size_t at = 0; at < changes.size(); ++at) {
    FrameRecord record = ExampleRecord();
    changes[at](record);
    const auto checked = CheckRecord(record);
    ASSERT_FALSE(checked.ok()) << at;
    EXPECT_EQ(checked.error().code, base::Code::kInvalid);
    // Nor does it read such a record, where its text's length can be written at all.
    if (record.tenant.size() > kTextBytesMax) continue;
    Bytes bytes;
    EncodeRecord(record, bytes);
    base::ByteReader reader(bytes);
    const auto read = DecodeEntry(reader);
    EXPECT_TRUE(!read.ok() || read.value() != Entry(record)) << at;
  }
  EXPECT_FALSE(CheckMark({.from = 2, .to = 1}).ok());
  EXPECT_FALSE(CheckMark({.step = ExportStep{3}}).ok());
  EXPECT_FALSE(CheckMark({.time_unix_ms = -1}).ok());
}

}  // namespace
}  // namespace bulkhead::meter
