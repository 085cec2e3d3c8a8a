// SPDX-License-Identifier: Apache-2.0
// One record of the ledger to bytes and back (docs/formats/ledger.md, section Record).
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "meter/export_mark.h"
#include "meter/frame_record.h"

namespace bulkhead::meter {

inline constexpr std::size_t kTextBytesMax = 64;
inline constexpr uint64_t kAmountMax = uint64_t{1} << 50;
inline constexpr std::size_t kRecordBytesMax = 64 + 4 * kTextBytesMax;

using Entry = std::variant<FrameRecord, ExportMark>;

// kInvalid: a text, number or combination that the format does not hold.
base::Status CheckRecord(const FrameRecord& record);
base::Status CheckMark(const ExportMark& mark);

// Puts a checked record at the end of `bytes`.
void EncodeRecord(const FrameRecord& record, std::vector<std::byte>& bytes);
void EncodeMark(const ExportMark& mark, std::vector<std::byte>& bytes);

// Reads one record from the front. kCorrupt: it is none that Encode... writes.
base::Result<Entry> DecodeEntry(base::ByteReader& reader);

}  // namespace bulkhead::meter
