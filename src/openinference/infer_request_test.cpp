// SPDX-License-Identifier: Apache-2.0
// Requests as clients write them: tritonclient 2.73 (recorded), KServe and curl.
#include "openinference/infer_request.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "openinference/test_bytes.h"

namespace bulkhead::openinference {
namespace {

using base::Code;
using base::ElementType;
using testing::ElementsAre;
using testing::HasSubstr;

base::Result<InferRequest> Parse(std::string_view json) {
  return ParseInferRequest(Bytes(json), std::nullopt);
}

std::string OneInput(std::string_view datatype, std::string_view shape, std::string_view data) {
  return R"({"inputs":[{"name":"x","shape":)" + std::string(shape) + R"(,"datatype":")" +
         std::string(datatype) + R"(","data":)" + std::string(data) + "}]}";
}

// The one-line message of a request that must be refused for the caller's fault.
std::string Refused(const base::Result<InferRequest>& request) {
  if (request.ok()) return "was taken";
  const base::Error& error = request.error();
  EXPECT_EQ(error.code, Code::kInvalid);
  EXPECT_FALSE(error.public_message.empty());
  EXPECT_EQ(error.public_message.find_first_of("\r\n"), std::string::npos);
  return error.public_message;
}

TEST(InferRequest, ReadsTritonclientsDefaultBinaryBody) {
  using namespace std::literals;
  const std::string_view body =
      "{\"id\":\"r1\",\"inputs\":[{\"name\":\"images\",\"shape\":[1,3],\"datatype\":\"FP32\","
      "\"parameters\":{\"binary_data_size\":12}}],\"parameters\":{\"binary_data_output\":true}}"
      "\x00\x00\xc0?\x00\x00\x00\xc0\xcd\xcc\xcc="sv;
  const auto request = ParseInferRequest(Bytes(body), 150);
  ASSERT_TRUE(request.ok()) << request.error().detail;
  EXPECT_EQ(request.value().id, "r1");
  EXPECT_TRUE(request.value().binary_outputs);
  EXPECT_TRUE(request.value().parameters.empty());
  ASSERT_EQ(request.value().inputs.size(), 1U);
  const Tensor& input = request.value().inputs[0];
  EXPECT_EQ(input.name, "images");
  EXPECT_EQ(input.type, ElementType::kFloat32);
  EXPECT_THAT(input.dims, ElementsAre(1, 3));
  EXPECT_TRUE(input.parameters.empty());
  EXPECT_EQ(Text(input.bytes.view()), body.substr(150));
  EXPECT_EQ(static_cast<const void*>(input.bytes.view().data()), body.data() + 150) << "copied";
}

TEST(InferRequest, ReadsTritonclientsImageWithOptions) {
  using namespace std::literals;
  const std::string_view body =
      "{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\",\"parameters\":"
      "{\"binary_data_size\":8}}],\"outputs\":[{\"name\":\"boxes\",\"parameters\":{\"binary_data\":"
      "true}},{\"name\":\"scores\",\"parameters\":{\"binary_data\":false}}],\"parameters\":"
      "{\"priority\":1,\"timeout\":500000,\"conf\":0.25,\"max_det\":10}}"
      "\x04\x00\x00\x00\xff\xd8\xff\xe0"sv;
  const auto request = ParseInferRequest(Bytes(body), 282);
  ASSERT_TRUE(request.ok()) << request.error().detail;
  EXPECT_EQ(request.value().timeout_us, 500'000U);
  EXPECT_EQ(request.value().parameters.at("conf"), Parameter(0.25));
  EXPECT_EQ(request.value().parameters.at("max_det"), Parameter(int64_t{10}));
  EXPECT_EQ(request.value().parameters.at("priority"), Parameter(int64_t{1}));
  EXPECT_FALSE(request.value().parameters.contains("timeout"));
  ASSERT_EQ(request.value().outputs.size(), 2U);
  EXPECT_EQ(request.value().outputs[0].binary, true);
  EXPECT_EQ(request.value().outputs[1].binary, false);
  EXPECT_FALSE(request.value().binary_outputs);
}

TEST(InferRequest, ReadsFloatsOfJsonToTheNearestFloat) {
  const auto request = Parse(OneInput("FP32", "[4]", "[1.5, -2, 0.10000000149011612, 1e-50]"));
  ASSERT_TRUE(request.ok()) << request.error().detail;
  EXPECT_THAT(Elements<float>(request.value().inputs[0].bytes.view()),
              ElementsAre(1.5F, -2.0F, 0.1F, 0.0F));
}

TEST(InferRequest, RoundsAFloatOnceAndNotOverADouble) {
  // Just over the middle of 1 and the next float: as a double it is the middle itself.
  const auto request = Parse(OneInput("FP32", "[1]", "[1.00000005960464477540]"));
  ASSERT_TRUE(request.ok());
  EXPECT_THAT(Elements<float>(request.value().inputs[0].bytes.view()), ElementsAre(1.00000012F));
}

TEST(InferRequest, TakesNestedAndFlatDataAlike) {
  const auto nested = Parse(OneInput("INT32", "[2,2]", "[[1,-2],[3,4]]"));
  const auto flat = Parse(OneInput("INT32", "[2,2]", "[1,-2,3,4]"));
  ASSERT_TRUE(nested.ok() && flat.ok());
  EXPECT_THAT(Elements<int32_t>(nested.value().inputs[0].bytes.view()), ElementsAre(1, -2, 3, 4));
  EXPECT_EQ(Text(nested.value().inputs[0].bytes.view()), Text(flat.value().inputs[0].bytes.view()));
}

TEST(InferRequest, TakesDataBeforeItsDatatype) {
  const auto request =
      Parse(R"({"inputs":[{"data":[7,8],"datatype":"UINT16","name":"a","shape":[2]},)"
            R"({"name":"b","data":["x"],"shape":[1],"datatype":"BYTES"}],"id":"q"})");
  ASSERT_TRUE(request.ok()) << request.error().detail;
  EXPECT_EQ(request.value().id, "q");
  EXPECT_THAT(Elements<uint16_t>(request.value().inputs[0].bytes.view()), ElementsAre(7, 8));
  EXPECT_EQ(Text(request.value().inputs[1].bytes.view()), std::string("\1\0\0\0x", 5));
}

TEST(InferRequest, HoldsEveryDatatypeAtItsEnds) {
  EXPECT_TRUE(Parse(OneInput("BOOL", "[4]", "[true,false,1,0]")).ok());
  EXPECT_TRUE(Parse(OneInput("UINT8", "[2]", "[0,255]")).ok());
  EXPECT_TRUE(Parse(OneInput("INT8", "[2]", "[-128,127]")).ok());
  EXPECT_TRUE(Parse(OneInput("UINT16", "[1]", "[65535]")).ok());
  EXPECT_TRUE(Parse(OneInput("INT16", "[2]", "[-32768,32767]")).ok());
  EXPECT_TRUE(Parse(OneInput("UINT32", "[1]", "[4294967295]")).ok());
  EXPECT_TRUE(Parse(OneInput("INT64", "[1]", "[-9223372036854775808]")).ok());
  EXPECT_TRUE(Parse(OneInput("UINT64", "[1]", "[18446744073709551615]")).ok());
  EXPECT_TRUE(Parse(OneInput("FP64", "[1]", "[1.7976931348623157e308]")).ok());
  EXPECT_TRUE(Parse(OneInput("FP32", "[0]", "[]")).ok());
  EXPECT_TRUE(Parse(OneInput("FP32", "[]", "[2]")).ok());
}

TEST(InferRequest, RefusesAValueThatItsDatatypeCannotHold) {
  for (const auto& [datatype, value] :
       std::vector<std::pair<std::string, std::string>>{{"UINT8", "256"},
                                                        {"UINT8", "-1"},
                                                        {"INT8", "128"},
                                                        {"INT32", "2147483648"},
                                                        {"INT64", "9223372036854775808"},
                                                        {"INT32", "1.0"},
                                                        {"BOOL", "2"},
                                                        {"FP32", "1e39"},
                                                        {"FP32", "true"},
                                                        {"FP32", "\"1\""},
                                                        {"BYTES", "1"},
                                                        {"UINT64", "18446744073709551616"}}) {
    EXPECT_THAT(Refused(Parse(OneInput(datatype, "[1]", "[" + value + "]"))), HasSubstr(datatype));
  }
}

TEST(InferRequest, NamesTheWayOutOfDatatypesWithoutJson) {
  EXPECT_THAT(Refused(Parse(OneInput("FP16", "[1]", "[1]"))), HasSubstr("binary"));
  EXPECT_THAT(Refused(Parse(OneInput("BF16", "[1]", "[1]"))), HasSubstr("FP32"));
  EXPECT_THAT(Refused(Parse(OneInput("float", "[1]", "[1]"))), HasSubstr("unknown datatype"));
}

TEST(InferRequest, RefusesBytesThatAreNotTheShape) {
  EXPECT_THAT(Refused(Parse(OneInput("FP32", "[2]", "[1]"))), HasSubstr("2 elements"));
  EXPECT_THAT(Refused(Parse(OneInput("FP32", "[1]", "[1,2]"))), HasSubstr("1 elements"));
  EXPECT_THAT(Refused(Parse(OneInput("BYTES", "[2]", "[\"a\"]"))), HasSubstr("BYTES"));
  EXPECT_THAT(Refused(Parse(OneInput("FP32", "[-1]", "[1]"))), HasSubstr("negative"));
  EXPECT_THAT(Refused(Parse(OneInput("FP32", "[4294967296,4294967296]", "[1]"))),
              HasSubstr("too large"));
  EXPECT_THAT(Refused(Parse(OneInput("FP32", "[1.5]", "[1]"))), HasSubstr("integers"));
}

TEST(InferRequest, RefusesBinaryTensorsThatDoNotFillTheBody) {
  const std::string json = R"({"inputs":[{"name":"x","shape":[2],"datatype":"UINT8",)"
                           R"("parameters":{"binary_data_size":2}}]})";
  const auto parse = [&](const std::string& tail) {
    return ParseInferRequest(Bytes(json + tail), json.size());
  };
  EXPECT_TRUE(parse("ab").ok());
  EXPECT_THAT(Refused(parse("a")), HasSubstr("Inference-Header-Content-Length"));
  EXPECT_THAT(Refused(parse("abc")), HasSubstr("1 bytes follow"));
  EXPECT_THAT(Refused(ParseInferRequest(Bytes(json), json.size() + 1)), HasSubstr("(0, "));
}

TEST(InferRequest, TakesBinaryTensorsInTheOrderOfTheInputs) {
  const std::string json =
      R"({"inputs":[{"name":"b","shape":[1],"datatype":"UINT8",)"
      R"("parameters":{"binary_data_size":1}},)"
      R"({"name":"j","shape":[1],"datatype":"UINT8","data":[9]},)"
      R"({"name":"a","shape":[2],"datatype":"BOOL","parameters":{"binary_data_size":2}}]})";
  const std::string body = json + "xyz";
  const auto request = ParseInferRequest(Bytes(body), json.size());
  ASSERT_TRUE(request.ok()) << request.error().detail;
  EXPECT_EQ(Text(request.value().inputs[0].bytes.view()), "x");
  EXPECT_EQ(Text(request.value().inputs[2].bytes.view()), "yz");
}

TEST(InferRequest, WantsDataInExactlyOnePlace) {
  EXPECT_THAT(Refused(Parse(R"({"inputs":[{"name":"x","shape":[1],"datatype":"UINT8"}]})")),
              HasSubstr("not both"));
  EXPECT_THAT(Refused(Parse(R"({"inputs":[{"name":"x","shape":[1],"datatype":"UINT8","data":[1],)"
                            R"("parameters":{"binary_data_size":1}}]})")),
              HasSubstr("not both"));
}

TEST(InferRequest, SaysWhichMemberIsMissingOrWrong) {
  EXPECT_THAT(Refused(Parse("")), HasSubstr("not valid JSON"));
  EXPECT_THAT(Refused(Parse("[]")), HasSubstr("JSON object"));
  EXPECT_THAT(Refused(Parse("{}")), HasSubstr("no inputs"));
  EXPECT_THAT(Refused(Parse(R"({"inputs":{}})")), HasSubstr("array"));
  EXPECT_THAT(Refused(Parse(R"({"inputs":[1]})")), HasSubstr("objects"));
  EXPECT_THAT(Refused(Parse(R"({"inputs":[{"shape":[1],"datatype":"BOOL","data":[1]}]})")),
              HasSubstr("no \"name\""));
  EXPECT_THAT(Refused(Parse(R"({"inputs":[{"name":"x","datatype":"BOOL","data":[1]}]})")),
              HasSubstr("no \"shape\""));
  EXPECT_THAT(Refused(Parse(R"({"inputs":[{"name":"x","shape":[1],"data":[1]}]})")),
              HasSubstr("no \"datatype\""));
  EXPECT_THAT(Refused(Parse(R"({"id":7,"inputs":[]})")), HasSubstr("\"id\" must be a string"));
  EXPECT_THAT(Refused(Parse(R"({"id":"a","id":"b"})")), HasSubstr("twice"));
  EXPECT_THAT(Refused(Parse(R"({"parameters":{"a":[1]}})")), HasSubstr("'a'"));
  EXPECT_THAT(Refused(Parse(R"({"parameters":{"timeout":-1}})")), HasSubstr("timeout"));
  EXPECT_THAT(Refused(Parse(R"({"outputs":[{}]})")), HasSubstr("name"));
}

TEST(InferRequest, PassesOverMembersItDoesNotKnow) {
  const auto request =
      Parse(R"({"model":{"a":[{"b":null}]},"id":null,"outputs":null,"parameters":null,)"
            R"("inputs":[{"name":"x","extra":[[1],{"data":3}],"shape":[1],"datatype":"UINT8",)"
            R"("data":[5],"parameters":null}]})");
  ASSERT_TRUE(request.ok()) << request.error().detail;
  EXPECT_THAT(Elements<uint8_t>(request.value().inputs[0].bytes.view()), ElementsAre(5));
}

TEST(InferRequest, RefusesTheSameTensorTwice) {
  EXPECT_THAT(Refused(Parse(R"({"inputs":[{"name":"x","shape":[1],"datatype":"BOOL","data":[1]},)"
                            R"({"name":"x","shape":[1],"datatype":"BOOL","data":[1]}]})")),
              HasSubstr("twice"));
}

TEST(InferRequest, StopsAtItsLimits) {
  const InferLimits limits{.tensor_bytes_max = 8,
                           .tensors_max = 1,
                           .parameters_max = 1,
                           .name_bytes_max = 4,
                           .text_bytes_max = 4,
                           .dims_max = 2,
                           .depth_max = 4};
  const auto refused = [&](const std::string& json) {
    return Refused(ParseInferRequest(Bytes(json), std::nullopt, limits));
  };
  EXPECT_THAT(refused(OneInput("FP32", "[3]", "[1,2,3]")), HasSubstr("at most 8 bytes"));
  EXPECT_THAT(refused(OneInput("FP32", "[1,1,1]", "[1]")), HasSubstr("at most 2 dimensions"));
  EXPECT_THAT(refused(OneInput("FP32", "[1]", "[[[[[1]]]]]")), HasSubstr("nested"));
  EXPECT_THAT(refused(R"({"x":[[[[[[]]]]]]})"), HasSubstr("nested"));
  EXPECT_THAT(refused(R"({"id":"12345"})"), HasSubstr("at most 4 bytes"));
  EXPECT_THAT(refused(R"({"parameters":{"a":1,"b":2}})"), HasSubstr("at most 1 parameters"));
  EXPECT_THAT(refused(R"({"parameters":{"a":"12345"}})"), HasSubstr("at most 4 bytes"));
  EXPECT_THAT(refused(R"({"outputs":[{"name":"a"},{"name":"b"}]})"), HasSubstr("at most 1"));
  EXPECT_THAT(refused(R"({"inputs":[{"name":"12345"}]})"), HasSubstr("1 to 4 bytes"));
}

TEST(InferRequest, QuotesACallersNameOnOneLine) {
  const auto request = Parse(R"({"inputs":[{"name":"a\nb\u001b[2J","shape":[1]}]})");
  EXPECT_THAT(Refused(request), HasSubstr("'a?b?[2J'"));
}

TEST(InferRequest, RefusesWhatIsNotServed) {
  const auto shared = Parse(R"({"inputs":[{"name":"x","shape":[1],"datatype":"BOOL","parameters":)"
                            R"({"shared_memory_region":"r"}}]})");
  ASSERT_FALSE(shared.ok());
  EXPECT_EQ(shared.error().code, Code::kUnsupported);
  const auto classes = Parse(R"({"outputs":[{"name":"y","parameters":{"classification":3}}]})");
  ASSERT_FALSE(classes.ok());
  EXPECT_EQ(classes.error().code, Code::kUnsupported);
}

TEST(RawInferRequest, WrapsABodyAsTheOnlyElementOfABytesInput) {
  const std::vector<TensorMetadata> model{{"image", ElementType::kString, {1}}};
  const auto request = ParseRawInferRequest(Bytes("\xff\xd8"), model);
  ASSERT_TRUE(request.ok()) << request.error().detail;
  EXPECT_TRUE(request.value().binary_outputs);
  EXPECT_THAT(request.value().inputs[0].dims, ElementsAre(1));
  EXPECT_EQ(Text(request.value().inputs[0].bytes.view()), std::string("\2\0\0\0\xff\xd8", 6));
}

TEST(RawInferRequest, FillsTheVariableDimensionFromTheLength) {
  const std::vector<TensorMetadata> model{{"x", ElementType::kFloat32, {-1, 2}}};
  const std::string body(16, '\0');
  const auto request = ParseRawInferRequest(Bytes(body), model);
  ASSERT_TRUE(request.ok()) << request.error().detail;
  EXPECT_THAT(request.value().inputs[0].dims, ElementsAre(2, 2));
  EXPECT_FALSE(ParseRawInferRequest(Bytes(body).first(12), model).ok());
}

TEST(RawInferRequest, RefusesModelsWhoseShapeItCannotKnow) {
  const std::string body(16, '\0');
  const std::vector<TensorMetadata> two{{"a", ElementType::kFloat32, {4}},
                                        {"b", ElementType::kFloat32, {4}}};
  EXPECT_THAT(Refused(ParseRawInferRequest(Bytes(body), two)), HasSubstr("one input"));
  const std::vector<TensorMetadata> variable{{"a", ElementType::kFloat32, {-1, -1}}};
  EXPECT_THAT(Refused(ParseRawInferRequest(Bytes(body), variable)), HasSubstr("variable"));
}

TEST(HeaderLength, IsDecimalAndWithinTheBody) {
  EXPECT_EQ(ParseHeaderLength("0", 10).value(), 0U);
  EXPECT_EQ(ParseHeaderLength("10", 10).value(), 10U);
  for (const std::string_view text : {"11", "-1", "", "1a", " 1", "99999999999999999999"}) {
    const auto length = ParseHeaderLength(text, 10);
    ASSERT_FALSE(length.ok()) << text;
    EXPECT_THAT(length.error().public_message, HasSubstr("range (0, 10)"));
  }
}

}  // namespace
}  // namespace bulkhead::openinference
