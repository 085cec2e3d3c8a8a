// SPDX-License-Identifier: Apache-2.0
#include "openinference/repository_request.h"

#include <string>

#include <gtest/gtest.h>

#include "openinference/test_bytes.h"

namespace bulkhead::openinference {
namespace {

using base::Code;

TEST(RepositoryRequest, AsksForAllModelsUnlessToldOtherwise) {
  EXPECT_FALSE(ParseRepositoryIndexQuery({}).value().ready_only);
  EXPECT_FALSE(ParseRepositoryIndexQuery(Bytes("{}")).value().ready_only);
  EXPECT_TRUE(ParseRepositoryIndexQuery(Bytes(R"({"ready":true})")).value().ready_only);
}

TEST(RepositoryRequest, RefusesWhatIsNoObject) {
  for (const std::string& body :
       {std::string("[]"), std::string("{"), std::string("1"), std::string(R"({"ready":1})"),
        std::string(1000, '['), std::string(70'000, ' ')}) {
    const auto query = ParseRepositoryIndexQuery(Bytes(body));
    ASSERT_FALSE(query.ok()) << body.substr(0, 20);
    EXPECT_EQ(query.error().code, Code::kInvalid);
  }
}

TEST(RepositoryRequest, LoadsOnlyWhatWasPushed) {
  EXPECT_TRUE(CheckRepositoryParameters({}).ok());
  EXPECT_TRUE(
      CheckRepositoryParameters(Bytes(R"({"parameters":{"unload_dependents":true}})")).ok());
  for (const std::string_view body :
       {R"({"parameters":{"config":"{}"}})", R"({"parameters":{"file:1/model.onnx":"AA=="}})"}) {
    const auto checked = CheckRepositoryParameters(Bytes(body));
    ASSERT_FALSE(checked.ok()) << body;
    EXPECT_EQ(checked.error().code, Code::kUnsupported);
  }
  EXPECT_FALSE(CheckRepositoryParameters(Bytes(R"({"parameters":[]})")).ok());
}

}  // namespace
}  // namespace bulkhead::openinference
