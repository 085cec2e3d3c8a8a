// SPDX-License-Identifier: Apache-2.0
// The bytes that docs/formats/ledger.md shows are the bytes that are written.
#include <cctype>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "meter/group.h"
#include "meter/segment_header.h"
#include "meter/test_ledger.h"

namespace bulkhead::meter {
namespace {

// The hex numbers of the document's block that opens with ```hex NAME, in one line.
std::string Shown(const std::string& name) {
  std::istringstream lines(ContentOf(BULKHEAD_SOURCE_DIR "/docs/formats/ledger.md"));
  std::string line;
  while (std::getline(lines, line) && line != "```hex " + name) continue;
  std::string shown;
  while (std::getline(lines, line) && line != "```") {
    std::istringstream words(line);
    std::string word;
    while (words >> word && word.size() == 2 && std::isxdigit(word[0]) && std::isxdigit(word[1])) {
      shown += word + " ";
    }
  }
  return shown;
}

std::string Written(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte value : bytes) {
    text += "0123456789abcdef"[std::to_integer<int>(value) >> 4];
    text += "0123456789abcdef"[std::to_integer<int>(value) & 15];
    text += ' ';
  }
  return text;
}

TEST(LedgerFormat, IsWhatItsPageShows) {
  const auto segment = EncodeSegmentHeader({.ledger_id = "0123456789abcdef"});
  EXPECT_EQ(Written(segment), Shown("segment"));

  FrameRecord frame{.outcome = Outcome::kOk,
                    .tenant = "acme",
                    .key = "k1",
                    .model = "line-3",
                    .version = 2,
                    .deployment = "d1",
                    .frames = 1,
                    .bytes_in = 4096,
                    .width = 640,
                    .height = 480,
                    .compute_us = 27'600,
                    .time_unix_ms = 1'800'000'000'000};
  std::vector<std::byte> group(kGroupHeaderBytes);
  EncodeRecord(frame, group);
  frame.outcome = Outcome::kUndelivered;
  frame.about = {.epoch = 1, .sequence = 1};
  EncodeRecord(frame, group);
  SealGroup(group, ChecksumOf(segment), 1, 2, ChecksumOf(segment));
  EXPECT_EQ(Written(group), Shown("group"));
}

}  // namespace
}  // namespace bulkhead::meter
