// SPDX-License-Identifier: Apache-2.0
#include "cli/model_inspect.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/terminal_text.h"

namespace bulkhead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

model::ModelCard Card() {
  model::ModelCard card;
  card.spec.family = "YOLO11";
  card.spec.size = "n";
  card.spec.class_names = {"person", "bicycle"};
  card.spec.input = {"images", base::ElementType::kFloat32, 1, 640, 640};
  card.outputs = {{"output0", base::ElementType::kFloat32, {1, 6, 8400}}};
  card.opset = 18;
  card.file_bytes = 10'700'000;
  card.parameters = 2'616'248;
  card.weights_bytes = 10'600'000;
  card.gflops = 6.54;
  card.memory = {{1, 19'660'800, 30'260'800}};
  return card;
}

std::string Table(const model::ModelCard& card) {
  return RenderCardTable(card, planner::RecommendProfiles(SizingOf(card)));
}

nlohmann::json Json(const model::ModelCard& card) {
  return CardJson(card, planner::RecommendProfiles(SizingOf(card)));
}

TEST(ModelInspect, ShowsWhatTheModelIsAndCosts) {
  const std::string table = Table(Card());
  EXPECT_THAT(table, HasSubstr("YOLO11, size n"));
  EXPECT_THAT(table, HasSubstr("person, bicycle"));
  EXPECT_THAT(table, HasSubstr("images  1x3x640x640  float32"));
  EXPECT_THAT(table, HasSubstr("output0  1x6x8400  float32"));
  EXPECT_THAT(table, HasSubstr("anchor-free"));
  EXPECT_THAT(table, HasSubstr("2,616,248"));
  EXPECT_THAT(table, HasSubstr("6.5 GFLOPs"));
  EXPECT_THAT(table, HasSubstr("batch 1: 29 MiB"));
  // 27 MB and 3.85 times the weights; 41 MB, the weights and 2.5 times the activations.
  EXPECT_THAT(table, HasSubstr("on cores: 65 MiB while it reads the file, 96 MiB while it serves"));
  EXPECT_THAT(table, HasSubstr("A100-40GB     1g.5gb     4.8 GiB  Size n starts at one slice."));
}

TEST(ModelInspect, EscapesNamesThatWouldWriteOnTheTerminal) {
  model::ModelCard card = Card();
  card.spec.class_names = {"a\x1b[2J", "b\nGPU  free"};
  card.spec.input.name = "in\x1b]0;title\x07";
  card.outputs[0].name = "\xFF\x9B";
  const std::string table = Table(card);
  EXPECT_THAT(table, HasSubstr("a\\x1b[2J, b\\x0aGPU  free"));
  for (const char c : table) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

TEST(ModelInspect, StaysWithinItsColumns) {
  model::ModelCard card = Card();
  card.spec.class_names.assign(2000, "a class with a rather long name");
  card.spec.class_names[0] = std::string(1000, 'x');
  card.spec.input.name = std::string(500, 'i');
  card.outputs.assign(50, {std::string(500, 'o'), base::ElementType::kFloat32, {1, 6, 8400}});
  card.unknown_operators.assign(100, std::string(300, 'U'));
  card.spec.size.clear();
  card.parameters = 999'900'000;
  std::istringstream lines(Table(card));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(Columns(line), 96U) << line;
  EXPECT_LT(count, 45U);
}

TEST(ModelInspect, CallsLowerBoundsByTheirName) {
  model::ModelCard card = Card();
  EXPECT_THAT(Table(card), Not(HasSubstr("Caution")));
  card.unknown_operators = {"com.acme.Magic"};
  EXPECT_THAT(Table(card), HasSubstr("at least 6.5 GFLOPs"));
  EXPECT_THAT(Table(card), HasSubstr("com.acme.Magic"));
}

TEST(ModelInspect, SaysWhatADynamicInputDefaultsTo) {
  model::ModelCard card = Card();
  card.spec.input.height.reset();
  card.spec.input.width.reset();
  EXPECT_THAT(Table(card), HasSubstr("1x3x?x?  float32, 640x640 by default"));
}

TEST(ModelInspect, GivesEverythingAsJson) {
  const nlohmann::json json = Json(Card());
  EXPECT_EQ(json["family"], "YOLO11");
  EXPECT_EQ(json["task"], "detect");
  EXPECT_EQ(json["classes"].size(), 2U);
  EXPECT_EQ(json["input"]["shape"], (std::vector<int>{1, 3, 640, 640}));
  EXPECT_EQ(json["parameters"], 2'616'248);
  EXPECT_EQ(json["memory"][0]["batch"], 1);
  EXPECT_EQ(json["cpu_memory"]["reading_bytes"], 67'810'000);
  EXPECT_EQ(json["cpu_memory"]["serving_bytes"], 100'752'000);
  EXPECT_EQ(json["recommendations"][0]["profile"], "1g.5gb");
  EXPECT_FALSE(json.contains("keypoints"));
}

TEST(ModelInspect, WritesJsonWhateverBytesTheFileHolds) {
  model::ModelCard card = Card();
  card.spec.input.name = "\xFF";
  card.unknown_operators = {"\xC3"};
  card.memory.front().peak_activation_bytes = uint64_t{1} << 50;
  const nlohmann::json json = Json(card);
  EXPECT_NO_THROW((void)json.dump());
  EXPECT_EQ(json["input"]["name"], "\xEF\xBF\xBD");
  EXPECT_TRUE(json["recommendations"][0]["profile"].is_null());
  EXPECT_THAT(Table(card), HasSubstr("none"));
}

}  // namespace
}  // namespace bulkhead::cli
