// SPDX-License-Identifier: Apache-2.0
// A gRPC server over a Unix socket with a double behind it, and a client's stubs.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <openinference/health.grpc.pb.h>
#include <openinference/inference.grpc.pb.h>
#include <unistd.h>

#include "rpc/server.h"

namespace bulkhead::rpc {

// Holds what arrives until a test takes it.
template <typename T>
class Mailbox {
 public:
  void Put(T item) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    arrived_.notify_one();
  }

  T Take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !items_.empty(); });
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  [[nodiscard]] bool empty() {
    const std::lock_guard lock(mutex_);
    return items_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<T> items_;
};

struct HeldInfer {
  ApiCall call;
  openinference::InferRequest request;
  Reply<InferAnswer> reply;
};

// Admits everybody with the key "right", and holds every inference for the test to answer.
class HoldingApi {
 public:
  InferenceApi Functions() {
    InferenceApi api;
    api.admit = [](const ApiCall& call, const Reply<base::Unit>& reply) {
      if (call.api_key == "right") return reply(base::Unit{});
      reply(ApiFailure{.error = base::PublicError(base::Code::kInvalid, "no such key"),
                       .retry_after = std::chrono::microseconds(1500),
                       .unauthenticated = true});
    };
    api.live = [](const ApiCall&, const Reply<bool>& reply) { reply(true); };
    api.ready = [this](const ApiCall&, const Reply<bool>& reply) { reply(ready); };
    api.model_ready = [](const ApiCall& call, const Reply<bool>& reply) {
      if (call.model == "m") return reply(true);
      reply(ApiFailure{.error = base::PublicError(base::Code::kNotFound, "no such model")});
    };
    api.config = [](const ApiCall& call, const Reply<openinference::ModelConfig>& reply) {
      reply(openinference::ModelConfig{.name = call.model + ":" + call.version});
    };
    api.load = [this](ApiCall call, const Reply<base::Unit>& reply) {
      loaded.Put(std::move(call));
      reply(base::Unit{});
    };
    api.infer = [this](ApiCall call, openinference::InferRequest request,
                       Reply<InferAnswer> reply) {
      held.Put({std::move(call), std::move(request), std::move(reply)});
    };
    return api;
  }

  bool ready = true;
  Mailbox<HeldInfer> held;
  Mailbox<ApiCall> loaded;
};

inline std::string SocketAddress(const std::string& name) {
  return "unix:" + testing::TempDir() + name + "." + std::to_string(::getpid()) + ".sock";
}

// Ends the server before the API that it asks.
struct RunningServer {
  explicit RunningServer(const Limits& limits = {}) {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    address = SocketAddress(test->name());
    auto started = Server::Start({.address = address}, api.Functions(), limits);
    EXPECT_TRUE(started.ok()) << started.error().detail;
    server = std::move(started).value();
    channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
    stub = inference::GRPCInferenceService::NewStub(channel);
    health = grpc::health::v1::Health::NewStub(channel);
  }

  HoldingApi api;
  std::string address;
  std::unique_ptr<Server> server;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub;
  std::unique_ptr<grpc::health::v1::Health::Stub> health;
};

inline inference::ModelInferRequest ByteRequest(const std::string& id, const std::string& bytes) {
  inference::ModelInferRequest request;
  request.set_model_name("m");
  request.set_id(id);
  auto& input = *request.add_inputs();
  input.set_name("x");
  input.set_datatype("UINT8");
  input.add_shape(static_cast<int64_t>(bytes.size()));
  request.add_raw_input_contents(bytes);
  return request;
}

// The first input as the only output.
inline InferAnswer Echo(const HeldInfer& held) {
  InferAnswer answer{.response = {.model = held.call.model, .version = "1", .id = held.request.id},
                     .receipt = "l-1-7",
                     .written = {}};
  answer.response.outputs.push_back(held.request.inputs.at(0));
  return answer;
}

}  // namespace bulkhead::rpc
