// SPDX-License-Identifier: Apache-2.0
// ModelStreamInfer against a real server.
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "rpc/test_server.h"

namespace bulkhead::rpc {
namespace {

using Stream = std::unique_ptr<
    grpc::ClientReaderWriter<inference::ModelInferRequest, inference::ModelStreamInferResponse>>;

TEST(GrpcStream, AnswersInTheOrderOfTheRequests) {
  RunningServer running;
  grpc::ClientContext context;
  context.AddMetadata("x-api-key", "right");
  const Stream stream = running.stub->ModelStreamInfer(&context);
  std::vector<HeldInfer> held;
  for (const char* const id : {"a", "b", "c"}) {
    ASSERT_TRUE(stream->Write(ByteRequest(id, id)));
    held.push_back(running.api.held.Take());
  }
  for (std::size_t i = held.size(); i-- > 0;) held[i].reply(Echo(held[i]));
  held.clear();
  for (const char* const id : {"a", "b", "c"}) {
    inference::ModelStreamInferResponse response;
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.error_message(), "");
    EXPECT_EQ(response.infer_response().id(), id);
    EXPECT_EQ(response.infer_response().raw_output_contents(0), id);
    const auto& parameters = response.infer_response().parameters();
    EXPECT_TRUE(parameters.at("triton_final_response").bool_param());
    EXPECT_EQ(parameters.at("bulkhead_receipt").string_param(), "l-1-7");
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(GrpcStream, GoesOnAfterARequestThatFails) {
  RunningServer running;
  grpc::ClientContext context;
  context.AddMetadata("x-api-key", "right");
  const Stream stream = running.stub->ModelStreamInfer(&context);
  inference::ModelInferRequest wrong = ByteRequest("wrong", "abc");
  wrong.mutable_inputs(0)->set_datatype("FLOAT");
  inference::ModelStreamInferResponse response;
  ASSERT_TRUE(stream->Write(wrong));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_NE(response.error_message().find("unknown datatype"), std::string::npos);
  EXPECT_EQ(response.infer_response().id(), "wrong");
  ASSERT_TRUE(stream->Write(ByteRequest("failing", "abc")));
  running.api.held.Take().reply(
      ApiFailure{.error = base::OperatorError(base::Code::kInternal, "/a/path")});
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error_message(), base::DefaultPublicMessage(base::Code::kInternal));
  ASSERT_TRUE(stream->Write(ByteRequest("right", "abc")));
  {
    const HeldInfer held = running.api.held.Take();
    held.reply(Echo(held));
  }
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.infer_response().id(), "right");
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(GrpcStream, DoesNotReadOnWhileItsWindowIsFull) {
  RunningServer running({.stream_window = 1});
  grpc::ClientContext context;
  context.AddMetadata("x-api-key", "right");
  const Stream stream = running.stub->ModelStreamInfer(&context);
  ASSERT_TRUE(stream->Write(ByteRequest("a", "a")));
  ASSERT_TRUE(stream->Write(ByteRequest("b", "b")));
  inference::ModelStreamInferResponse response;
  {
    const HeldInfer first = running.api.held.Take();
    EXPECT_TRUE(running.api.held.empty());
    first.reply(Echo(first));
  }
  ASSERT_TRUE(stream->Read(&response));
  {
    const HeldInfer second = running.api.held.Take();
    second.reply(Echo(second));
  }
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.infer_response().id(), "b");
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(GrpcStream, CancelsEveryRequestOfAClientThatIsGone) {
  RunningServer running;
  grpc::ClientContext context;
  context.AddMetadata("x-api-key", "right");
  const Stream stream = running.stub->ModelStreamInfer(&context);
  std::vector<HeldInfer> held;
  std::vector<std::promise<void>> cancelled(2);
  for (std::promise<void>& one : cancelled) {
    ASSERT_TRUE(stream->Write(ByteRequest("a", "a")));
    held.push_back(running.api.held.Take());
    held.back().call.cancellation->OnCancel([&one] { one.set_value(); });
  }
  context.TryCancel();
  for (std::promise<void>& one : cancelled) one.get_future().wait();
  std::promise<bool> delivered;
  InferAnswer answer = Echo(held[0]);
  answer.written = [&](bool written) { delivered.set_value(written); };
  held[0].reply(std::move(answer));
  EXPECT_FALSE(delivered.get_future().get());
  held.clear();  // drops the second reply
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST(GrpcStream, RefusesACallerWithoutAKey) {
  RunningServer running;
  grpc::ClientContext context;
  const Stream stream = running.stub->ModelStreamInfer(&context);
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace bulkhead::rpc
