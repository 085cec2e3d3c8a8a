// SPDX-License-Identifier: Apache-2.0
// A double of bulkhead-worker for tests and measurements of what is around workers: it speaks their
// protocol and runs no network. Every picture has nothing in it, and every tensor gives zeros of
// the size that a network for 80 classes would give. Model and setup are ignored.
//
//   echo-worker --print-engine-library   its own file, so that bulkhead-node can run it
#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include <sys/socket.h>

#include "channel/inheritance.h"
#include "channel/limits.h"
#include "channel/worker_session.h"

namespace bulkhead {
namespace {

using channel::ArrivedRequest;

constexpr int kClasses = 80;
constexpr int64_t kColumns = 4 + kClasses;

channel::Hello EchoHello() {
  channel::Hello hello;
  hello.engine = "echo";
  hello.frames_in_flight_max = channel::kFramesInFlightMax;
  hello.spec.family = "YOLO11";
  hello.spec.size = "n";
  for (int i = 0; i < kClasses; ++i) hello.spec.class_names.push_back("class_" + std::to_string(i));
  hello.spec.input = {.name = "images", .batch = 1};
  hello.inputs = {{"images", base::ElementType::kFloat32, {1, 3, -1, -1}}};
  hello.outputs = {{"output0", base::ElementType::kFloat32, {1, kColumns, -1}}};
  return hello;
}

// One place for each cell of 8, 16 and 32 pixels: 8,400 at 640 x 640.
int64_t Anchors(int64_t height, int64_t width) {
  int64_t anchors = 0;
  for (const int64_t stride : {8, 16, 32}) anchors += (height / stride) * (width / stride);
  return anchors;
}

// Answers what one read brought with one write.
class Echo {
 public:
  // False: the client is gone, or broke the protocol.
  bool Start() { return Append(session_.Start(EchoHello()).value()) && Flush(); }

  bool Turn() {
    const std::span<std::byte> buffer = session_.ReceiveBuffer();
    const ssize_t count = ::recv(channel::kFramesFd, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    auto events = session_.Received(static_cast<std::size_t>(count));
    if (!events.ok()) return false;
    for (channel::WorkerEvent& event : events.value()) {
      if (auto* request = std::get_if<ArrivedRequest>(&event)) Answer(*request);
    }
    return Flush() && !session_.draining();
  }

 private:
  void Answer(ArrivedRequest& request) {
    if (request.inference) {
      AnswerTensors(request);
    } else {
      channel::DetectReply reply;
      reply.id = request.id;
      reply.result.image_width = 640;
      reply.result.image_height = 640;
      Append(session_.Reply(reply));
    }
    session_.Recycle(std::move(request.buffer));
  }

  void AnswerTensors(const ArrivedRequest& request) {
    const std::vector<int64_t>& dims = request.inference->inputs.front().dims;
    channel::InferReply reply;
    reply.id = request.id;
    const int64_t anchors = Anchors(dims[2], dims[3]);
    const auto bytes = static_cast<std::size_t>(anchors * kColumns) * sizeof(float);
    if (zeros_.size() < bytes) zeros_.resize(bytes);
    for (const uint32_t index : request.inference->wanted) {
      reply.outputs.push_back(
          {index,
           {base::ElementType::kFloat32, {1, kColumns, anchors}, std::span(zeros_).first(bytes)}});
    }
    const channel::InferAnswer answer = session_.Reply(reply);
    Append(answer.front);
    for (const auto& output : answer.outputs) Append(output);
  }

  bool Append(std::span<const std::byte> bytes) {
    answers_.insert(answers_.end(), bytes.begin(), bytes.end());
    return true;
  }

  bool Flush() {
    std::span<const std::byte> rest = answers_;
    while (!rest.empty()) {
      const ssize_t sent = ::send(channel::kFramesFd, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      rest = rest.subspan(static_cast<std::size_t>(sent));
    }
    answers_.clear();
    return true;
  }

  channel::WorkerSession session_;
  std::vector<std::byte> answers_;
  std::vector<std::byte> zeros_;
};

void Run() {
  channel::WriteStatus(channel::kStatusFd, {channel::WorkerState::kLoading});
  channel::WriteStatus(channel::kStatusFd, {channel::WorkerState::kReady});
  Echo echo;
  if (!echo.Start()) return;
  while (echo.Turn()) {
  }
}

}  // namespace
}  // namespace bulkhead

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--print-engine-library") {
    std::cout << std::filesystem::read_symlink("/proc/self/exe").string() << '\n';
    return EXIT_SUCCESS;
  }
  bulkhead::Run();
  return EXIT_SUCCESS;
}
