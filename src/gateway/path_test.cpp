// SPDX-License-Identifier: Apache-2.0
#include "gateway/path.h"

#include <gtest/gtest.h>

namespace bulkhead::gateway {
namespace {

Path Parsed(std::string_view target) {
  const auto path = ParsePath(target);
  EXPECT_TRUE(path) << target;
  return path.value_or(Path{});
}

TEST(Path, KnowsTheServersOwn) {
  EXPECT_EQ(Parsed("/v2").endpoint, Endpoint::kServerMetadata);
  EXPECT_EQ(Parsed("/v2/health/live").endpoint, Endpoint::kLive);
  EXPECT_EQ(Parsed("/v2/health/ready").endpoint, Endpoint::kReady);
  EXPECT_EQ(Parsed("/v2/models").endpoint, Endpoint::kModelList);
  EXPECT_EQ(Parsed("/v2/models/stats").endpoint, Endpoint::kAllStatistics);
  EXPECT_EQ(Parsed("/v2/repository/index").endpoint, Endpoint::kRepositoryIndex);
  EXPECT_EQ(Parsed("/openapi.json").endpoint, Endpoint::kOpenApi);
  EXPECT_EQ(Parsed("/v2/systemsharedmemory/status").endpoint, Endpoint::kUnsupported);
  EXPECT_EQ(Parsed("/v2/models/m/trace/setting").endpoint, Endpoint::kUnsupported);
}

TEST(Path, KnowsAModelItsVersionAndWhatIsAskedOfIt) {
  const std::pair<const char*, Endpoint> of_model[] = {{"", Endpoint::kModelMetadata},
                                                       {"/ready", Endpoint::kModelReady},
                                                       {"/config", Endpoint::kModelConfig},
                                                       {"/stats", Endpoint::kModelStatistics},
                                                       {"/infer", Endpoint::kInfer}};
  for (const auto& [last, endpoint] : of_model) {
    const Path plain = Parsed(std::string("/v2/models/line-3.detect") + last);
    EXPECT_EQ(plain.endpoint, endpoint);
    EXPECT_EQ(plain.model, "line-3.detect");
    EXPECT_EQ(plain.version, std::nullopt);
    const Path versioned = Parsed(std::string("/v2/models/m/versions/12") + last);
    EXPECT_EQ(versioned.endpoint, endpoint);
    EXPECT_EQ(versioned.version, 12U);
  }
  EXPECT_EQ(Parsed("/v1/models/m/detect").endpoint, Endpoint::kDetect);
  EXPECT_EQ(Parsed("/v1/models/m/versions/2/detect").version, 2U);
  EXPECT_EQ(Parsed("/v2/repository/models/m/load").endpoint, Endpoint::kLoad);
  EXPECT_EQ(Parsed("/v2/repository/models/m/unload").model, "m");
}

TEST(Path, IsNoneForAnythingElse) {
  for (const char* target : {"/",
                             "",
                             "/v2/",
                             "/v3",
                             "/v2/models/",
                             "/v2/models/m/",
                             "/v2/models/m/versions",
                             "/v2/models/m/versions/x",
                             "/v2/models/m/versions/0",
                             "/v2/models/m/versions/01",
                             "/v2/models/m/versions/99999999999",
                             "/v2/models/m/infer/x",
                             "/v2/health",
                             "/v1/models/m",
                             "/v1/models//detect",
                             "/v1/models/m/x/detect",
                             "/v2/repository/models/m/drop",
                             "/v2/repository/models//load",
                             "/v2/a/b/c/d/e/f/g/h/i/j",
                             "/openapi.json/x"}) {
    EXPECT_FALSE(ParsePath(target)) << target;
  }
}

TEST(Path, IsPostedToWhereSomethingRunsOrChanges) {
  EXPECT_EQ(MethodOf(Endpoint::kInfer), "POST");
  EXPECT_EQ(MethodOf(Endpoint::kDetect), "POST");
  EXPECT_EQ(MethodOf(Endpoint::kModelMetadata), "GET");
}

TEST(Path, TakesItsOwnMethodAndHeadInPlaceOfGet) {
  EXPECT_TRUE(TakesMethod(Endpoint::kInfer, "POST"));
  EXPECT_FALSE(TakesMethod(Endpoint::kInfer, "HEAD"));
  EXPECT_TRUE(TakesMethod(Endpoint::kModelMetadata, "HEAD"));
  EXPECT_FALSE(TakesMethod(Endpoint::kModelMetadata, "POST"));
}

TEST(Path, IsUnsupportedWhateverTheMethod) {
  EXPECT_TRUE(TakesMethod(Parsed("/v2/logging").endpoint, "GET"));
  EXPECT_TRUE(TakesMethod(Parsed("/v2/logging").endpoint, "POST"));
}

}  // namespace
}  // namespace bulkhead::gateway
