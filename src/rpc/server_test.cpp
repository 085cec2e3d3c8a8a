// SPDX-License-Identifier: Apache-2.0
#include "rpc/server.h"

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <gtest/gtest.h>

#include "rpc/test_server.h"

namespace bulkhead::rpc {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;

struct Answered {
  grpc::Status status;
  inference::ModelInferResponse response;
  std::multimap<std::string, std::string> trailers;
};

// One ModelInfer, on a thread of its own since the test answers it.
std::future<Answered> Infer(RunningServer& running, const inference::ModelInferRequest& request,
                            grpc::ClientContext& context, const std::string& key = "right") {
  context.AddMetadata("x-api-key", key);
  return std::async(std::launch::async, [&running, &context, request] {
    Answered answered;
    answered.status = running.stub->ModelInfer(&context, request, &answered.response);
    for (const auto& [name, value] : context.GetServerTrailingMetadata()) {
      answered.trailers.emplace(std::string(name.data(), name.size()),
                                std::string(value.data(), value.size()));
    }
    return answered;
  });
}

TEST(GrpcServer, TellsItsHealthWithoutAKey) {
  RunningServer running;
  grpc::ClientContext live_context;
  inference::ServerLiveResponse live;
  ASSERT_TRUE(running.stub->ServerLive(&live_context, {}, &live).ok());
  EXPECT_TRUE(live.live());
  running.api.ready = false;
  grpc::ClientContext check_context;
  grpc::health::v1::HealthCheckResponse check;
  ASSERT_TRUE(running.health->Check(&check_context, {}, &check).ok());
  EXPECT_EQ(check.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  grpc::health::v1::HealthCheckRequest other;
  other.set_service("other.Service");
  grpc::ClientContext other_context;
  EXPECT_EQ(running.health->Check(&other_context, other, &check).error_code(),
            StatusCode::NOT_FOUND);
}

TEST(GrpcServer, CarriesAnInferenceAndItsReceipt) {
  RunningServer running;
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer k");
  context.AddMetadata("traceparent", "00-a-b-01");
  context.set_deadline(std::chrono::system_clock::time_point::max());
  auto answered = Infer(running, ByteRequest("r1", "abc"), context);
  HeldInfer held = running.api.held.Take();
  EXPECT_EQ(held.call.api_key, "right");
  EXPECT_EQ(held.call.authorization, "Bearer k");
  EXPECT_EQ(held.call.traceparent, "00-a-b-01");
  EXPECT_EQ(held.call.peer, "unix");
  EXPECT_EQ(held.call.model, "m");
  EXPECT_GT(held.call.bytes, 3U);
  EXPECT_EQ(held.call.timeout, std::nullopt);
  InferAnswer answer = Echo(held);
  std::promise<bool> delivered;
  answer.written = [&](bool written) { delivered.set_value(written); };
  held.reply(std::move(answer));
  const Answered got = answered.get();
  ASSERT_TRUE(got.status.ok()) << got.status.error_message();
  EXPECT_EQ(got.response.id(), "r1");
  EXPECT_EQ(got.response.raw_output_contents(0), "abc");
  EXPECT_THAT(got.trailers, testing::Contains(testing::Pair("bulkhead-receipt", "l-1-7")));
  EXPECT_TRUE(delivered.get_future().get());
}

TEST(GrpcServer, RefusesACallerBeforeItReadsTheMessage) {
  RunningServer running;
  grpc::ClientContext context;
  const Answered got = Infer(running, ByteRequest("r1", "abc"), context, "wrong").get();
  EXPECT_EQ(got.status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(got.status.error_message(), "no such key");
  EXPECT_THAT(got.trailers, testing::Contains(testing::Pair("grpc-retry-pushback-ms", "2")));
  EXPECT_TRUE(running.api.held.empty());
}

TEST(GrpcServer, DoesNotChooseBetweenTwoKeys) {
  RunningServer running;
  grpc::ClientContext context;
  context.AddMetadata("x-api-key", "right");
  EXPECT_EQ(Infer(running, ByteRequest("r1", "abc"), context).get().status.error_code(),
            StatusCode::UNAUTHENTICATED);
}

TEST(GrpcServer, GivesTheModelAndVersionOfAQuestion) {
  RunningServer running;
  grpc::ClientContext ready_context;
  ready_context.AddMetadata("x-api-key", "right");
  inference::ModelReadyRequest ready;
  ready.set_name("other");
  inference::ModelReadyResponse ready_response;
  const grpc::Status status = running.stub->ModelReady(&ready_context, ready, &ready_response);
  EXPECT_EQ(status.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no such model");
  grpc::ClientContext config_context;
  config_context.AddMetadata("x-api-key", "right");
  inference::ModelConfigRequest config;
  config.set_name("m");
  config.set_version("3");
  inference::ModelConfigResponse config_response;
  ASSERT_TRUE(running.stub->ModelConfig(&config_context, config, &config_response).ok());
  EXPECT_EQ(config_response.config().name(), "m:3");
}

TEST(GrpcServer, LoadsWithoutForeignFiles) {
  RunningServer running;
  inference::RepositoryModelLoadRequest request;
  request.set_model_name("m");
  inference::RepositoryModelLoadResponse response;
  grpc::ClientContext context;
  context.AddMetadata("x-api-key", "right");
  EXPECT_TRUE(running.stub->RepositoryModelLoad(&context, request, &response).ok());
  EXPECT_EQ(running.api.loaded.Take().model, "m");
  (*request.mutable_parameters())["file:1/model.onnx"].set_bytes_param("x");
  grpc::ClientContext file_context;
  file_context.AddMetadata("x-api-key", "right");
  EXPECT_EQ(running.stub->RepositoryModelLoad(&file_context, request, &response).error_code(),
            StatusCode::UNIMPLEMENTED);
  EXPECT_TRUE(running.api.loaded.empty());
}

TEST(GrpcServer, KnowsNoOtherMethods) {
  RunningServer running;
  const grpc::internal::RpcMethod method("/inference.GRPCInferenceService/TraceSetting",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext context;
  inference::ServerLiveRequest request;
  inference::ServerLiveResponse response;
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall<inference::ServerLiveRequest, inference::ServerLiveResponse,
                                        google::protobuf::MessageLite,
                                        google::protobuf::MessageLite>(
          running.channel.get(), method, &context, request, &response);
  EXPECT_EQ(status.error_code(), StatusCode::UNIMPLEMENTED);
}

TEST(GrpcServer, RefusesRequestsThatAreNotWhole) {
  RunningServer running;
  inference::ModelInferRequest request = ByteRequest("r", "abc");
  request.mutable_inputs(0)->set_shape(0, 4);
  grpc::ClientContext context;
  const Answered got = Infer(running, request, context).get();
  EXPECT_EQ(got.status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(got.status.error_message(), HasSubstr("'x'"));
}

TEST(GrpcServer, RefusesMessagesOverItsLimit) {
  RunningServer running({.message_bytes_max = 1000});
  grpc::ClientContext context;
  const Answered got = Infer(running, ByteRequest("r", std::string(2000, 'x')), context).get();
  EXPECT_EQ(got.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(running.api.held.empty());
}

TEST(GrpcServer, UnpacksNoCompressedMessages) {
  RunningServer running;
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  const Answered got = Infer(running, ByteRequest("r", std::string(100'000, 'x')), context).get();
  EXPECT_EQ(got.status.error_code(), StatusCode::UNIMPLEMENTED);
  EXPECT_TRUE(running.api.held.empty());
}

TEST(GrpcServer, TellsWhoWorksThatTheClientIsGone) {
  RunningServer running;
  grpc::ClientContext context;
  auto answered = Infer(running, ByteRequest("r", "abc"), context);
  HeldInfer held = running.api.held.Take();
  std::promise<void> cancelled;
  held.call.cancellation->OnCancel([&] { cancelled.set_value(); });
  context.TryCancel();
  cancelled.get_future().wait();
  EXPECT_EQ(answered.get().status.error_code(), StatusCode::CANCELLED);
  InferAnswer answer = Echo(held);
  std::promise<bool> delivered;
  answer.written = [&](bool written) { delivered.set_value(written); };
  held.reply(std::move(answer));
  EXPECT_FALSE(delivered.get_future().get());
}

TEST(GrpcServer, PassesTheDeadlineOn) {
  RunningServer running;
  grpc::ClientContext context;
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_seconds(1000, GPR_TIMESPAN)));
  auto answered = Infer(running, ByteRequest("r", "abc"), context);
  HeldInfer held = running.api.held.Take();
  ASSERT_TRUE(held.call.timeout.has_value());
  EXPECT_GT(*held.call.timeout, std::chrono::seconds(0));
  EXPECT_LE(*held.call.timeout, std::chrono::seconds(1001));
  held.reply(ApiFailure{.error = base::OperatorError(base::Code::kDeadline, "late")});
  EXPECT_EQ(answered.get().status.error_code(), StatusCode::DEADLINE_EXCEEDED);
}

TEST(GrpcServer, EndsACallWhoseReplyIsDropped) {
  RunningServer running;
  grpc::ClientContext context;
  auto answered = Infer(running, ByteRequest("r", "abc"), context);
  running.api.held.Take();
  EXPECT_EQ(answered.get().status.error_code(), StatusCode::UNAVAILABLE);
}

TEST(GrpcServer, FinishesWhatRunsBeforeItStops) {
  RunningServer running;
  grpc::ClientContext context;
  auto answered = Infer(running, ByteRequest("r", "abc"), context);
  HeldInfer held = running.api.held.Take();
  std::promise<void> stopped;
  running.server->Stop(std::chrono::hours(1), [&] { stopped.set_value(); });
  held.reply(Echo(held));
  held.reply = nullptr;
  EXPECT_TRUE(answered.get().status.ok());
  stopped.get_future().wait();
}

TEST(GrpcServer, CancelsWhatRunsLongerThanItsStopMayTake) {
  RunningServer running;
  grpc::ClientContext context;
  auto answered = Infer(running, ByteRequest("r", "abc"), context);
  HeldInfer held = running.api.held.Take();
  std::promise<void> cancelled;
  held.call.cancellation->OnCancel([&] { cancelled.set_value(); });
  std::promise<void> stopped;
  running.server->Stop(std::chrono::milliseconds(1), [&] { stopped.set_value(); });
  cancelled.get_future().wait();
  held.reply(ApiFailure{.error = base::OperatorError(base::Code::kUnavailable, "stopping")});
  held.reply = nullptr;
  EXPECT_FALSE(answered.get().status.ok());
  stopped.get_future().wait();
}

TEST(GrpcServer, DoesNotShareItsPort) {
  HoldingApi api;
  auto first = Server::Start({.address = "127.0.0.1:0"}, api.Functions());
  ASSERT_TRUE(first.ok()) << first.error().detail;
  EXPECT_NE(first.value()->port(), 0);
  const std::string address = "127.0.0.1:" + std::to_string(first.value()->port());
  const auto second = Server::Start({.address = address}, api.Functions());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, base::Code::kUnavailable);
}

TEST(GrpcServer, WantsItsTlsFiles) {
  HoldingApi api;
  const auto server = Server::Start(
      {.address = "127.0.0.1:0", .tls = TlsFiles{.certificate = "none", .key = "none"}},
      api.Functions());
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.error().code, base::Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::rpc
