// SPDX-License-Identifier: Apache-2.0
#include "yolo/model_metadata.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Names(const std::string& text) {
  const auto metadata = ReadModelMetadata({{"names", text}});
  return metadata.ok() ? metadata.value().class_names
                       : std::vector<std::string>{metadata.error().detail};
}

std::string ErrorOf(const char* key, const std::string& text) {
  const auto metadata = ReadModelMetadata({{key, text}});
  return metadata.ok() ? "accepted" : metadata.error().public_message;
}

TEST(ModelMetadata, ReadsNamesFromADictAndFromAList) {
  EXPECT_THAT(Names("{0: 'person', 1: 'bicycle'}"), ElementsAre("person", "bicycle"));
  EXPECT_THAT(Names("['person', \"driver's seat\"]"), ElementsAre("person", "driver's seat"));
}

TEST(ModelMetadata, NamesTheClassesThatADictLeavesOut) {
  EXPECT_THAT(Names("{2: 'c', 0: 'a'}"), ElementsAre("a", "class_1", "c"));
  EXPECT_THAT(Names("{0: ''}"), ElementsAre("class_0"));
}

TEST(ModelMetadata, TakesNumbersAndTruthsAsNames) {
  EXPECT_THAT(Names("{0: 7, 1: True}"), ElementsAre("7", "True"));
}

TEST(ModelMetadata, RefusesNamesThatAreNoNames) {
  for (const char* text :
       {"3", "'person'", "{'a': 'b'}", "{-1: 'a'}", "{65536: 'a'}", "{9223372036854775807: 'a'}",
        "[None]", "[[1]]", "{0: 'a'", "__import__('os')"}) {
    EXPECT_THAT(ErrorOf("names", text), HasSubstr("metadata names:")) << text;
  }
}

TEST(ModelMetadata, RefusesMoreNamesThanAnyModelHas) {
  std::string text = "[";
  for (int i = 0; i < 65537; ++i) text += "0,";
  EXPECT_THAT(ErrorOf("names", text + "]"), HasSubstr("65536"));
  std::string million = "{";
  for (int i = 0; i < 1'000'000; ++i) million += std::to_string(i) + ":'a',";
  EXPECT_THAT(ErrorOf("names", million + "}"), HasSubstr("metadata names:"));
}

TEST(ModelMetadata, RefusesANameWithoutEnd) {
  EXPECT_THAT(ErrorOf("names", "['" + std::string(1025, 'a') + "']"), HasSubstr("too long"));
}

TEST(ModelMetadata, KeepsControlCharactersForThePrinterToEscape) {
  EXPECT_THAT(Names("['a\\x1b[2J']"), ElementsAre("a\x1b[2J"));
}

TEST(ModelMetadata, ReadsSizesOfEachForm) {
  for (const auto& [text, height, width] : {std::tuple{"[480, 640]", 480, 640},
                                            {"640", 640, 640},
                                            {"[320]", 320, 320},
                                            {"(320, 256)", 320, 256},
                                            {"[640.0, 640.0]", 640, 640}}) {
    const auto metadata = ReadModelMetadata({{"imgsz", text}});
    ASSERT_TRUE(metadata.ok()) << text;
    EXPECT_EQ(metadata.value().image_height, height) << text;
    EXPECT_EQ(metadata.value().image_width, width) << text;
  }
}

TEST(ModelMetadata, RefusesSizesOutOfRange) {
  for (const char* text : {"[1000000000, 640]", "0", "-32", "[]", "[1, 2, 3]", "'640'", "640.5",
                           "nan", "1e300", "99999999999999999999"}) {
    EXPECT_THAT(ErrorOf("imgsz", text), HasSubstr("metadata imgsz:")) << text;
  }
  for (const char* text : {"0", "-8", "257", "32.5", "[32]"}) {
    EXPECT_THAT(ErrorOf("stride", text), HasSubstr("metadata stride:")) << text;
  }
}

TEST(ModelMetadata, ReadsKeypointsOfTwoAndThreeDimensions) {
  const auto metadata = ReadModelMetadata({{"kpt_shape", "(17, 3)"}});
  ASSERT_TRUE(metadata.ok());
  EXPECT_EQ(metadata.value().keypoints.count, 17);
  EXPECT_EQ(metadata.value().keypoints.dims, 3);
  for (const char* text : {"17", "[17]", "[17, 4]", "[0, 3]", "[100000, 3]"}) {
    EXPECT_THAT(ErrorOf("kpt_shape", text), HasSubstr("metadata kpt_shape:")) << text;
  }
}

TEST(ModelMetadata, SeesNmsInTheArguments) {
  EXPECT_TRUE(ReadModelMetadata({{"args", "{'batch': 1, 'nms': True}"}}).value().nms);
  EXPECT_FALSE(ReadModelMetadata({{"args", "{'batch': 1, 'nms': None}"}}).value().nms);
}

TEST(ModelMetadata, IgnoresArgumentsThatItCannotRead) {
  EXPECT_FALSE(ReadModelMetadata({{"args", "{'data': PosixPath('x'), 'nms': True}"}}).value().nms);
}

TEST(ModelMetadata, TellsAMissingEndToEndFromAFalseOne) {
  EXPECT_FALSE(ReadModelMetadata({}).value().end_to_end.has_value());
  EXPECT_EQ(ReadModelMetadata({{"end2end", "False"}}).value().end_to_end, false);
  EXPECT_EQ(ReadModelMetadata({{"end2end", "True"}}).value().end_to_end, true);
  EXPECT_THAT(ErrorOf("end2end", "1"), HasSubstr("metadata end2end:"));
}

TEST(ModelMetadata, NamesATaskThatIsNotDecoded) {
  const auto metadata = ReadModelMetadata({{"task", "semantic"}});
  ASSERT_FALSE(metadata.ok());
  EXPECT_EQ(metadata.error().code, base::Code::kUnsupported);
  EXPECT_THAT(metadata.error().public_message, HasSubstr("'semantic'"));
}

}  // namespace
}  // namespace bulkhead::yolo
