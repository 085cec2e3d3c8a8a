// SPDX-License-Identifier: Apache-2.0
#include "gateway/v2_routes.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/blocking_thread.h"
#include "base/test_folder.h"
#include "fleet/test_fleet.h"
#include "gateway/metering.h"
#include "gateway/v2_service.h"

namespace bulkhead::gateway {
namespace {

using testing::HasSubstr;

class V2Routes : public fleet::FleetTest {
 protected:
  V2Routes() {
    OpenWithNode();
    tenant::Records records;
    records.tenants.push_back({.id = {"tenant-a"}, .name = "a"});
    for (const char* model : {"plates", "faces"}) {
      records.deployments.push_back({.id = {model}, .tenant = {"tenant-a"}, .model = {model}});
    }
    accounts_.Set(std::move(records));
    Serving();  // plates
    metering_ = Metering::Open(io_, folder_.path(), {}).value();
    inference_ = std::make_unique<Inference>(
        InferenceParts{accounts_, *fleet_, *metering_, statistics_, std::chrono::seconds(1)});
  }

  RouteParts Parts() {
    return {io_,
            accounts_,
            *fleet_,
            *inference_,
            statistics_,
            denials_,
            tracer_,
            large_json_,
            "1",
            [] { return true; },
            [this](const Caller&, tenant::ModelName model, bool load) {
              return SetLoaded(std::move(model), load);
            }};
  }

  // Status and body of the answer.
  std::pair<int, std::string> Post(std::string_view target, std::string_view body) {
    const RouteParts parts = Parts();
    http::Request http;
    http.method = "POST";
    http.target = std::string(target);
    const auto bytes = std::as_bytes(std::span(body));
    http.body.assign(bytes.begin(), bytes.end());
    const http::RequestScope scope;
    RoutedRequest routed{http, scope, *ParsePath(target), caller_, "request-1", nullptr, denials_};
    auto answer = fleet::Start(io_, HandleV2(parts, std::move(routed)));
    fleet::RunReady(io_);
    EXPECT_TRUE(*answer);
    std::string text;
    for (const auto& part : (*answer)->body) {
      const auto content = http::BytesOf(part);
      text.append(reinterpret_cast<const char*>(content.data()), content.size());
    }
    return {(*answer)->status, text};
  }

  async::Task<base::Status> SetLoaded(tenant::ModelName model, bool load) {
    loaded_ += (load ? " load " : " unload ") + model.text;
    co_return base::Ok();
  }

  const Caller caller_{{"tenant-a"}, "a", {"key"}, 7};
  Accounts accounts_{Pepper{}};
  Denials denials_{accounts_};
  Statistics statistics_;
  async::SharedThread large_json_;
  Tracer tracer_{nullptr};
  const base::TestFolder folder_;
  std::unique_ptr<Metering> metering_;
  std::unique_ptr<Inference> inference_;
  std::string loaded_;
};

TEST_F(V2Routes, AModelThatIsMissingIsSaidBeforeWhatIsWrongWithTheInputs) {
  Asked asked;
  asked.caller = caller_;
  asked.model = {"missing"};
  const RouteParts parts = Parts();
  const openinference::InferRequest without_inputs;
  auto answer = fleet::Start(
      io_, RunModel(parts, std::move(asked), {{"missing"}, true}, without_inputs, nullptr));
  fleet::RunReady(io_);
  ASSERT_TRUE(*answer);
  EXPECT_EQ(std::get<Failure>(**answer).error.code, base::Code::kNotFound);
}

TEST_F(V2Routes, IndexListsOnlyReadyModelsWhenAsked) {
  const auto all = Post("/v2/repository/index", "");
  EXPECT_THAT(all.second, HasSubstr("faces"));
  const auto ready = Post("/v2/repository/index", R"({"ready":true})");
  EXPECT_EQ(ready.first, 200);
  EXPECT_THAT(ready.second, HasSubstr("plates"));
  EXPECT_THAT(ready.second, Not(HasSubstr("faces")));
}

TEST_F(V2Routes, IndexRefusesABodyThatItCannotRead) {
  EXPECT_EQ(Post("/v2/repository/index", "[]").first, 400);
  EXPECT_EQ(Post("/v2/repository/index", R"({"ready":1})").first, 400);
}

TEST_F(V2Routes, LoadTakesNeitherAConfigurationNorFiles) {
  for (const char* body :
       {R"({"parameters":{"config":"{}"}})", R"({"parameters":{"file:1/model.onnx":"AA=="}})"}) {
    const auto answer = Post("/v2/repository/models/plates/load", body);
    EXPECT_EQ(answer.first, 501) << body;
    EXPECT_THAT(answer.second, HasSubstr("is not served"));
  }
  EXPECT_EQ(loaded_, "");
}

TEST_F(V2Routes, LoadsAndUnloadsWithTritonsOwnParametersAndWithoutAny) {
  EXPECT_EQ(Post("/v2/repository/models/plates/load", "").first, 200);
  EXPECT_EQ(
      Post("/v2/repository/models/plates/unload", R"({"parameters":{"unload_dependents":false}})")
          .first,
      200);
  EXPECT_EQ(loaded_, " load plates unload plates");
}

}  // namespace
}  // namespace bulkhead::gateway
