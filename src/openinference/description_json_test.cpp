// SPDX-License-Identifier: Apache-2.0
#include "openinference/description_json.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "openinference/test_bytes.h"

namespace bulkhead::openinference {
namespace {

using base::ElementType;

TEST(DescriptionJson, AnswersHealthSoThatKServesClientCanReadIt) {
  EXPECT_EQ(Text(LiveJson(true)), R"({"live":true})");
  EXPECT_EQ(Text(ReadyJson(false)), R"({"live":true,"ready":false})");
  EXPECT_EQ(Text(ModelReadyJson("yolo", true)), R"({"name":"yolo","ready":true})");
}

TEST(DescriptionJson, EscapesErrors) {
  EXPECT_EQ(Text(ErrorJson("a \"b\"\\\n\xff")), "{\"error\":\"a \\\"b\\\"\\\\\\u000a\uFFFD\"}");
}

TEST(DescriptionJson, DescribesTheServer) {
  EXPECT_EQ(Text(ServerMetadataJson({"bulkhead", "0.1.0", {"statistics", "parameters"}})),
            R"({"name":"bulkhead","version":"0.1.0","extensions":["statistics","parameters"]})");
}

TEST(DescriptionJson, DescribesAModel) {
  const ModelMetadata model{.name = "m",
                            .versions = {"1", "2"},
                            .inputs = {{"images", ElementType::kFloat32, {-1, 3, 640, 640}}},
                            .outputs = {{"y", ElementType::kString, {1}}},
                            .properties = {{"task", "detect"}}};
  EXPECT_EQ(Text(ModelMetadataJson(model)),
            R"({"name":"m","versions":["1","2"],"platform":"onnx_onnxv1","inputs":[)"
            R"({"name":"images","datatype":"FP32","shape":[-1,3,640,640]}],"outputs":[)"
            R"({"name":"y","datatype":"BYTES","shape":[1]}]})");
}

TEST(DescriptionJson, WritesTheConfigurationThatUltralyticsReads) {
  const ModelConfig config{.name = "m",
                           .inputs = {{"images", ElementType::kFloat32, {1, 3, 640, 640}}},
                           .outputs = {{"y", ElementType::kString, {1}}},
                           .parameters = {{"metadata", "{'stride': 32}"}}};
  EXPECT_EQ(Text(ModelConfigJson(config)),
            R"({"name":"m","platform":"onnx_onnxv1","backend":"onnxruntime","max_batch_size":0,)"
            R"("input":[{"name":"images","data_type":"TYPE_FP32","dims":[1,3,640,640]}],)"
            R"("output":[{"name":"y","data_type":"TYPE_STRING","dims":[1]}],)"
            R"("parameters":{"metadata":{"string_value":"{'stride': 32}"}}})");
}

TEST(DescriptionJson, CountsLikeTriton) {
  ModelStatistics model;
  model.name = "m";
  model.version = "1";
  model.last_inference_unix_ms = 5;
  model.inference_count = 2;
  model.success = {2, 30};
  model.batches.push_back({.batch_size = 1, .compute_infer = {2, 20}});
  EXPECT_EQ(Text(StatisticsJson(std::vector{model})),
            R"({"model_stats":[{"name":"m","version":"1","last_inference":5,"inference_count":2,)"
            R"("execution_count":0,"inference_stats":{"success":{"count":2,"ns":30},)"
            R"("fail":{"count":0,"ns":0},"queue":{"count":0,"ns":0},)"
            R"("compute_input":{"count":0,"ns":0},"compute_infer":{"count":0,"ns":0},)"
            R"("compute_output":{"count":0,"ns":0},"cache_hit":{"count":0,"ns":0},)"
            R"("cache_miss":{"count":0,"ns":0}},"response_stats":{},"batch_stats":[)"
            R"({"batch_size":1,"compute_input":{"count":0,"ns":0},)"
            R"("compute_infer":{"count":2,"ns":20},"compute_output":{"count":0,"ns":0}}],)"
            R"("memory_usage":[]}]})");
}

TEST(DescriptionJson, ListsModels) {
  const std::vector<RepositoryEntry> entries{{"a", "1", "READY", ""},
                                             {"b", "", "UNAVAILABLE", "unloaded"}};
  EXPECT_EQ(Text(RepositoryIndexJson(entries)),
            R"([{"name":"a","version":"1","state":"READY","reason":""},)"
            R"({"name":"b","state":"UNAVAILABLE","reason":"unloaded"}])");
  EXPECT_EQ(Text(RepositoryIndexJson({})), "[]");
  EXPECT_EQ(Text(ModelListJson(std::vector<std::string>{"a"})), R"({"models":["a"]})");
}

TEST(Datatypes, AreNamedBothWays) {
  for (int i = 0; i <= static_cast<int>(ElementType::kString); ++i) {
    const auto type = static_cast<ElementType>(i);
    const auto name = DatatypeName(type);
    ASSERT_TRUE(name.has_value()) << i;
    EXPECT_EQ(ParseDatatype(*name), type);
  }
  EXPECT_EQ(DatatypeName(ElementType::kOther), std::nullopt);
  EXPECT_EQ(ParseDatatype("BF16"), std::nullopt);
}

}  // namespace
}  // namespace bulkhead::openinference
