// SPDX-License-Identifier: Apache-2.0
#include "meter/record_codec.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/check.h"

namespace bulkhead::meter {
namespace {

constexpr uint8_t kFrames = 1;
constexpr uint8_t kExport = 2;

bool IsText(std::string_view text) {
  return text.size() <= kTextBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

bool IsOutcome(Outcome outcome) {
  return outcome == Outcome::kOk || outcome == Outcome::kFailed || outcome == Outcome::kUndelivered;
}

base::Status Require(bool condition, std::string_view field) {
  if (condition) return base::Ok();
  return base::OperatorError(base::Code::kInvalid,
                             "a ledger record's " + std::string(field) + " is out of its range");
}

// Fills bytes whose number is known.
class Cursor {
 public:
  explicit Cursor(std::byte* at) : at_(at) {}

  template <base::PlainNumber T>
  void Put(std::type_identity_t<T> value) {
    std::memcpy(at_, &value, sizeof(T));
    at_ += sizeof(T);
  }

  void PutText(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }

  [[nodiscard]] const std::byte* at() const { return at_; }

 private:
  std::byte* at_;
};

Cursor Extend(std::vector<std::byte>& bytes, std::size_t count) {
  const std::size_t at = bytes.size();
  bytes.resize(at + count);
  return Cursor(bytes.data() + at);
}

std::string TextOf(base::ByteReader& reader, std::size_t count) {
  const auto bytes = reader.ReadBytes(count);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

base::Error Damaged(std::string_view what) {
  return base::OperatorError(base::Code::kCorrupt, std::string(what));
}

Outcome ReadOutcome(base::ByteReader& reader) {
  switch (reader.Read<uint8_t>()) {
    case 1:
      return Outcome::kOk;
    case 2:
      return Outcome::kFailed;
    case 3:
      return Outcome::kUndelivered;
    default:
      reader.Fail();
      return Outcome::kFailed;
  }
}

ExportStep ReadStep(base::ByteReader& reader) {
  const auto step = reader.Read<uint8_t>();
  if (step != 1 && step != 2) reader.Fail();
  return step == 2 ? ExportStep::kDone : ExportStep::kBegun;
}

base::Result<Entry> DecodeRecord(base::ByteReader& reader) {
  FrameRecord record;
  record.outcome = ReadOutcome(reader);
  const std::size_t tenant = reader.Read<uint8_t>();
  const std::size_t key = reader.Read<uint8_t>();
  const std::size_t model = reader.Read<uint8_t>();
  const std::size_t deployment = reader.Read<uint8_t>();
  reader.ReadZeros(2);
  record.version = reader.Read<uint32_t>();
  record.frames = reader.Read<uint32_t>();
  record.width = reader.Read<uint32_t>();
  record.height = reader.Read<uint32_t>();
  record.bytes_in = reader.Read<uint64_t>();
  record.compute_us = reader.Read<uint64_t>();
  record.time_unix_ms = reader.Read<int64_t>();
  if (record.outcome == Outcome::kUndelivered) {
    record.about.epoch = reader.Read<uint64_t>();
    record.about.sequence = reader.Read<uint64_t>();
  }
  record.tenant = TextOf(reader, tenant);
  record.key = TextOf(reader, key);
  record.model = TextOf(reader, model);
  record.deployment = TextOf(reader, deployment);
  if (!reader.ok()) return Damaged("a record that does not parse");
  if (const auto checked = CheckRecord(record); !checked.ok()) {
    return Damaged(checked.error().detail);
  }
  return Entry(std::move(record));
}

base::Result<Entry> DecodeMark(base::ByteReader& reader) {
  ExportMark mark;
  mark.step = ReadStep(reader);
  reader.ReadZeros(6);
  mark.hours_end_unix_ms = reader.Read<int64_t>();
  mark.from = reader.Read<uint64_t>();
  mark.to = reader.Read<uint64_t>();
  mark.time_unix_ms = reader.Read<int64_t>();
  if (!reader.ok()) return Damaged("an export record that does not parse");
  if (const auto checked = CheckMark(mark); !checked.ok()) return Damaged(checked.error().detail);
  return Entry(mark);
}

}  // namespace

base::Status CheckRecord(const FrameRecord& record) {
  BH_TRY(Require(IsOutcome(record.outcome), "outcome"));
  BH_TRY(Require(IsText(record.tenant), "tenant"));
  BH_TRY(Require(IsText(record.key), "key"));
  BH_TRY(Require(IsText(record.model), "model"));
  BH_TRY(Require(IsText(record.deployment), "deployment"));
  BH_TRY(Require(record.frames > 0, "number of frames"));
  BH_TRY(Require(record.bytes_in <= kAmountMax, "number of bytes"));
  BH_TRY(Require(record.compute_us <= kAmountMax, "compute time"));
  BH_TRY(Require(record.time_unix_ms >= 0, "time"));
  const bool takes_back = record.outcome == Outcome::kUndelivered;
  return Require(
      takes_back ? record.about.epoch > 0 && record.about.sequence > 0 : record.about == RecordId{},
      "reference to another record");
}

base::Status CheckMark(const ExportMark& mark) {
  BH_TRY(Require(mark.step == ExportStep::kBegun || mark.step == ExportStep::kDone, "step"));
  BH_TRY(Require(mark.hours_end_unix_ms >= 0 && mark.time_unix_ms >= 0, "time"));
  return Require(mark.from <= mark.to, "range");
}

void EncodeRecord(const FrameRecord& record, std::vector<std::byte>& bytes) {
  const bool takes_back = record.outcome == Outcome::kUndelivered;
  Cursor cursor =
      Extend(bytes, 48U + (takes_back ? 16U : 0U) + record.tenant.size() + record.key.size() +
                        record.model.size() + record.deployment.size());
  cursor.Put<uint8_t>(kFrames);
  cursor.Put<uint8_t>(static_cast<uint8_t>(record.outcome));
  cursor.Put<uint8_t>(static_cast<uint8_t>(record.tenant.size()));
  cursor.Put<uint8_t>(static_cast<uint8_t>(record.key.size()));
  cursor.Put<uint8_t>(static_cast<uint8_t>(record.model.size()));
  cursor.Put<uint8_t>(static_cast<uint8_t>(record.deployment.size()));
  cursor.Put<uint16_t>(0);
  cursor.Put<uint32_t>(record.version);
  cursor.Put<uint32_t>(record.frames);
  cursor.Put<uint32_t>(record.width);
  cursor.Put<uint32_t>(record.height);
  cursor.Put<uint64_t>(record.bytes_in);
  cursor.Put<uint64_t>(record.compute_us);
  cursor.Put<int64_t>(record.time_unix_ms);
  if (takes_back) {
    cursor.Put<uint64_t>(record.about.epoch);
    cursor.Put<uint64_t>(record.about.sequence);
  }
  cursor.PutText(record.tenant);
  cursor.PutText(record.key);
  cursor.PutText(record.model);
  cursor.PutText(record.deployment);
  BH_CHECK(cursor.at() == bytes.data() + bytes.size());
}

void EncodeMark(const ExportMark& mark, std::vector<std::byte>& bytes) {
  Cursor cursor = Extend(bytes, 40);
  cursor.Put<uint8_t>(kExport);
  cursor.Put<uint8_t>(static_cast<uint8_t>(mark.step));
  cursor.Put<uint32_t>(0);
  cursor.Put<uint16_t>(0);
  cursor.Put<int64_t>(mark.hours_end_unix_ms);
  cursor.Put<uint64_t>(mark.from);
  cursor.Put<uint64_t>(mark.to);
  cursor.Put<int64_t>(mark.time_unix_ms);
  BH_CHECK(cursor.at() == bytes.data() + bytes.size());
}

base::Result<Entry> DecodeEntry(base::ByteReader& reader) {
  switch (reader.Read<uint8_t>()) {
    case kFrames:
      return DecodeRecord(reader);
    case kExport:
      return DecodeMark(reader);
    default:
      return Damaged("a record of unknown kind");
  }
}

}  // namespace bulkhead::meter
