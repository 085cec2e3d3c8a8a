// SPDX-License-Identifier: Apache-2.0
#include "yolo/metadata_text.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "yolo/python_literal.h"
#include "yolo/test_hostile_names.h"

namespace bulkhead::yolo {
namespace {

ModelSpec SpecOf(std::vector<std::string> names) {
  ModelSpec spec;
  spec.class_names = std::move(names);
  spec.input.height = 640;
  spec.input.width = 640;
  return spec;
}

TEST(MetadataText, IsWhatAnExporterWrites) {
  EXPECT_EQ(MetadataText(SpecOf({"scratch", "dent"})),
            "{'task': 'detect', 'stride': 32, 'batch': 1, 'channels': 3, 'imgsz': [640, 640], "
            "'names': {0: 'scratch', 1: 'dent'}, 'end2end': False, "
            "'args': {'batch': 1, 'dynamic': False, 'nms': False}}");
}

TEST(MetadataText, SaysWhatDiffersByTheModel) {
  ModelSpec spec = SpecOf({"person"});
  spec.task = Task::kPose;
  spec.keypoints = {.count = 17, .dims = 3};
  spec.nms_in_graph = true;
  spec.stride = 64;
  spec.default_width = 320;
  spec.input = {.name = "images", .batch = 4};
  EXPECT_EQ(MetadataText(spec),
            "{'task': 'pose', 'stride': 64, 'batch': 4, 'channels': 3, 'imgsz': [640, 320], "
            "'names': {0: 'person'}, 'kpt_shape': [17, 3], 'end2end': True, "
            "'args': {'batch': 4, 'dynamic': True, 'nms': True}}");
}

TEST(MetadataText, KeepsEveryNameAName) {
  const std::vector<std::string> names = HostileNames();
  const std::string text = MetadataText(SpecOf(names));
  EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }));
  const auto read = ParsePythonLiteral(text);
  ASSERT_TRUE(read.ok()) << read.error().detail;
  const auto* entries = read.value().Find("names")->As<PythonLiteral::Dict>();
  ASSERT_NE(entries, nullptr);
  ASSERT_EQ(entries->entries.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(*entries->entries[i].first.As<int64_t>(), static_cast<int64_t>(i));
    EXPECT_EQ(*entries->entries[i].second.As<std::string>(), names[i]) << i;
  }
}

TEST(MetadataText, ReplacesWhatIsNoCharacter) {
  EXPECT_NE(MetadataText(SpecOf({"a\xFF'b"})).find("{0: 'a\\ufffd\\x27b'}"), std::string::npos);
}

// Nothing but words of its own, numbers and signs of containers stands outside of the strings.
TEST(MetadataText, HasNoCodeBetweenItsStrings) {
  const std::string text = MetadataText(SpecOf(HostileNames()));
  std::string outside;
  bool inside = false;
  for (const char c : text) {
    if (c == '\'') {
      inside = !inside;
    } else if (!inside) {
      outside += c;
    }
  }
  EXPECT_FALSE(inside);
  for (const std::string word : {"True", "False"}) {
    for (auto at = outside.find(word); at != std::string::npos; at = outside.find(word)) {
      outside.erase(at, word.size());
    }
  }
  EXPECT_EQ(outside.find_first_not_of("{}[]:, 0123456789"), std::string::npos) << outside;
}

}  // namespace
}  // namespace bulkhead::yolo
