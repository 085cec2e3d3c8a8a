// SPDX-License-Identifier: Apache-2.0
// A supervisor on a thread of its own, over doubles, and a client of it.
#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "node/client.h"
#include "node/control_socket.h"
#include "node/supervisor.h"
#include "node/test_compartments.h"

namespace bulkhead::node {

inline base::UniqueFd MemfdOf(const std::string& content) {
  base::UniqueFd file(::memfd_create("test", MFD_CLOEXEC));
  EXPECT_EQ(::pwrite(file.get(), content.data(), content.size(), 0),
            static_cast<ssize_t>(content.size()));
  return file;
}

inline std::string ContentOf(int memfd) {
  std::string content(4096, '\0');
  const ssize_t count = ::pread(memfd, content.data(), content.size(), 0);
  content.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return content;
}

class TestFolder {
 public:
  TestFolder() : path_(testing::TempDir() + "node-test-XXXXXX") {
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Two partitions of "cpu:1c1g"; waits of a millisecond, and three failures are too many.
class NodeOnThread : public testing::Test {
 protected:
  NodeOnThread() {
    // A worker that is played goes on to write when the node has hung up on it.
    std::signal(SIGPIPE, SIG_IGN);
    options_.program = "test";
    options_.rules.backoff = {std::chrono::milliseconds(1), std::chrono::milliseconds(1),
                              std::chrono::hours(1), 3, std::chrono::hours(1)};
    options_.rules.optional_layers = {isolation::Layer::kLandlock};
  }
  ~NodeOnThread() override { StopNow(); }

  void Begin() {
    auto listener = ListenForControl(socket());
    ASSERT_TRUE(listener.ok()) << listener.error().detail;
    thread_ = std::thread([this, listener = std::move(listener).value()]() mutable {
      const SupervisorParts parts{{devices_, gpus_.get()},
                                  compartments_,
                                  program_,
                                  [this](std::string_view line) { Log(line); },
                                  audit_};
      const base::Status served = Supervise(std::move(listener), parts, options_, stop_.get());
      EXPECT_TRUE(served.ok()) << served.error().detail;
      over_ = true;
    });
  }

  void AskToStop() const { EXPECT_EQ(::eventfd_write(stop_.get(), 1), 0); }

  void Join() { thread_.join(); }

  // More than once, because a worker that nobody plays does not drain.
  void StopNow() {
    if (!thread_.joinable()) return;
    while (!over_) {
      AskToStop();
      std::this_thread::yield();
    }
    Join();
  }

  [[nodiscard]] std::string socket() const { return folder_.path() + "/node.sock"; }

  Client Connected() {
    auto client = Client::Connect(socket(), kTestPatience);
    EXPECT_TRUE(client.ok()) << client.error().detail;
    return std::move(client).value();
  }

  static node::Launch ALaunch(const std::string& name) {
    node::Launch launch;
    launch.name = name;
    launch.profile = "cpu:1c1g";
    launch.tiers = {device::Tier::kCpu};
    return launch;
  }

  static base::Status LaunchNamed(Client& client, const std::string& name) {
    return LaunchAs(client, ALaunch(name));
  }

  static base::Status LaunchAs(Client& client, const node::Launch& launch) {
    const base::UniqueFd model = MemfdOf("the model");
    const std::string setup = "the setup";
    return client.Launch(launch, model.get(), std::as_bytes(std::span(setup)), kTestPatience);
  }

  // What was logged, a line each.
  std::string Logged() {
    const std::lock_guard lock(log_mutex_);
    return log_;
  }

  void Log(std::string_view line) {
    const std::lock_guard lock(log_mutex_);
    log_ += std::string(line) + '\n';
  }

  const TestFolder folder_;
  FakeCompartments compartments_;
  FakeDevices devices_{2};
  std::unique_ptr<device::DeviceBackend> gpus_;  // none, unless the test has some
  SupervisorOptions options_;
  RecordInMemory recorded_;  // read when the supervisor has returned

 private:
  AuditRecord audit_ = recorded_.Make();
  const compartment::WorkerProgram program_;
  const base::UniqueFd stop_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::mutex log_mutex_;
  std::string log_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace bulkhead::node
