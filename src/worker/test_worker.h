// SPDX-License-Identifier: Apache-2.0
// A worker in a thread of the test, with a network of the test's making and both ends of
// everything it inherits.
#pragma once

#include <array>
#include <csignal>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/read_file.h"
#include "channel/inheritance.h"
#include "channel/setup.h"
#include "engine/null_engine.h"
#include "worker/serving.h"

namespace bulkhead::worker {

inline std::vector<std::byte> TestFile(const std::string& path) {
  auto content = base::ReadFile(BULKHEAD_SOURCE_DIR "/" + path, std::size_t{16} << 20);
  return content.ok() ? std::move(content).value() : std::vector<std::byte>();
}

inline std::vector<std::byte> TestPicture() {
  return TestFile("models/line-inspection/samples/part-02.jpg");
}

// A detection network of two classes and 84 anchors, with the usual metadata.
inline base::GraphDescription TestGraph(int64_t batch, int64_t side) {
  using base::ElementType;
  return {{{"images", ElementType::kFloat32, {batch, 3, side, side}}},
          {{"output0", ElementType::kFloat32, {batch, 6, 84}}},
          {{"task", "detect"},
           {"stride", "32"},
           {"names", "{0: 'bolt', 1: 'nut'}"},
           {"imgsz", "[64, 64]"}}};
}

// An engine whose runs the test steers: `on_run` sees every input and gives the outputs' bytes, or
// an error. Without it the outputs are zeros.
class ScriptedEngine final : public engine::Engine {
 public:
  using OnRun = std::function<base::Result<std::vector<float>>(const base::TensorView&)>;

  ScriptedEngine(base::GraphDescription graph, OnRun on_run)
      : graph_(std::move(graph)),
        zeros_(engine::MakeNullEngine(graph_)),
        on_run_(std::move(on_run)) {}

  [[nodiscard]] const base::GraphDescription& Describe() const override { return graph_; }

  [[nodiscard]] base::Result<std::span<const base::TensorView>> Run(
      const base::TensorView& input) override {
    BH_ASSIGN(const auto zeros, zeros_->Run(input));
    if (!on_run_) return zeros;
    BH_ASSIGN(output_, on_run_(input));
    view_ = zeros[0];
    view_.bytes = std::as_bytes(std::span(output_));
    return std::span<const base::TensorView>(&view_, 1);
  }

 private:
  base::GraphDescription graph_;
  std::unique_ptr<engine::Engine> zeros_;
  OnRun on_run_;
  std::vector<float> output_;
  base::TensorView view_;
};

inline base::UniqueFd TestMemfd(std::span<const std::byte> content) {
  base::UniqueFd fd(::memfd_create("test", MFD_CLOEXEC));
  EXPECT_EQ(::write(fd.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  EXPECT_EQ(::lseek(fd.get(), 0, SEEK_SET), 0);
  return fd;
}

inline base::UniqueFd Duplicate(const base::UniqueFd& fd) {
  return base::UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
}

struct WorkerTestOptions {
  base::GraphDescription graph = TestGraph(1, 64);
  ScriptedEngine::OnRun on_run;
  std::optional<base::Error> open_fails;
  channel::Setup setup;
  std::optional<std::vector<std::byte>> setup_bytes;  // instead of `setup`
  Lock lock = [] { return base::Ok(); };
};

class TestWorker {
 public:
  explicit TestWorker(WorkerTestOptions options) {
    std::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    client_ = base::UniqueFd(ends[0]);
    base::UniqueFd frames(ends[1]);
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    status_ = base::UniqueFd(ends[0]);
    auto status_end = std::make_shared<base::UniqueFd>(ends[1]);
    const std::string model = "the weights";
    base::UniqueFd weights = TestMemfd(std::as_bytes(std::span(model)));
    weights_ = Duplicate(weights);
    const auto setup =
        options.setup_bytes ? *options.setup_bytes : channel::EncodeSetup(options.setup).value();
    const Runtime runtime{
        "test",
        [options](std::span<const std::byte>,
                  const engine::EngineOptions&) -> base::Result<std::unique_ptr<engine::Engine>> {
          if (options.open_fails) return *options.open_fails;
          return std::unique_ptr<engine::Engine>(
              std::make_unique<ScriptedEngine>(options.graph, options.on_run));
        }};
    end_ = std::async(
        std::launch::async,
        [=, lock = options.lock,
         inheritance = std::make_shared<Inheritance>(Inheritance{
             std::move(frames), std::move(weights), TestMemfd(setup), status_end->get()})] {
          base::Status end = Serve(std::move(*inheritance), runtime, lock);
          *status_end = base::UniqueFd();
          return end;
        });
  }

  // The client's end of the socket; may be taken.
  base::UniqueFd& client() { return client_; }
  // Another descriptor of the weights' memfd.
  [[nodiscard]] const base::UniqueFd& weights() const { return weights_; }

  // The next status record; nullopt: the worker has ended.
  std::optional<channel::StatusRecord> NextStatus() {
    std::array<std::byte, channel::kStatusRecordBytes> bytes{};
    const ssize_t count = ::read(status_.get(), bytes.data(), bytes.size());
    if (count <= 0) return std::nullopt;
    return channel::ParseStatus(bytes);
  }

  // Waits for the end.
  base::Status End() { return end_.get(); }

 private:
  // Waits for the worker when it goes, which is after the client's socket.
  std::future<base::Status> end_;
  base::UniqueFd client_;
  base::UniqueFd status_;
  base::UniqueFd weights_;
};

}  // namespace bulkhead::worker
