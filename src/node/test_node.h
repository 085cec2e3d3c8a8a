// SPDX-License-Identifier: Apache-2.0
// A supervisor on a thread of its own, over doubles, and a client of it.
#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/test_folder.h"
#include "node/client.h"
#include "node/control_socket.h"
#include "node/supervisor.h"
#include "node/test_compartments.h"
#include "node/test_keys.h"

namespace bulkhead::node {

inline base::UniqueFd MemfdOf(const std::string& content) {
  base::UniqueFd file(::memfd_create("test", MFD_CLOEXEC));
  EXPECT_EQ(::pwrite(file.get(), content.data(), content.size(), 0),
            static_cast<ssize_t>(content.size()));
  return file;
}

// An empty file without a name.
inline base::UniqueFd EmptyFile() {
  base::UniqueFd file(
      ::open(testing::TempDir().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR));
  EXPECT_TRUE(file.valid());
  return file;
}

inline std::string ContentOf(int memfd) {
  std::string content(4096, '\0');
  const ssize_t count = ::pread(memfd, content.data(), content.size(), 0);
  content.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return content;
}

using base::TestFolder;

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
      const SupervisorParts parts{
          {devices_, gpus_.get()},
          compartments_,
          program_,
          [this](std::string_view line) { Log(line); },
          {keys_, "file", [this](const KeyRelease& release) { return Record(release); }, revoked_}};
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
    keys_.Release();
    while (!over_) {
      AskToStop();
      std::this_thread::yield();
    }
    Join();
  }

  [[nodiscard]] std::string socket() const { return folder_.path() / "node.sock"; }

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
    launch.model = kModel;
    return launch;
  }

  static base::Status LaunchNamed(Client& client, const std::string& name) {
    return LaunchAs(client, ALaunch(name));
  }

  static base::Status LaunchAs(Client& client, const node::Launch& launch) {
    const base::UniqueFd model = SealedBy(client, launch.model);
    return LaunchFile(client, launch, model);
  }

  static base::Status LaunchFile(Client& client, const node::Launch& launch,
                                 const base::UniqueFd& file) {
    const std::string setup = "the setup";
    return client.Launch(launch, file.get(), std::as_bytes(std::span(setup)), kTestPatience);
  }

  static base::UniqueFd SealedBy(Client& client, const seal::SealedName& name,
                                 const std::string& text = "the model") {
    const base::UniqueFd plain = MemfdOf(text);
    base::UniqueFd file = EmptyFile();
    const auto sealed = client.Seal(name, plain.get(), file.get(), kTestPatience);
    EXPECT_TRUE(sealed.ok()) << sealed.error().detail;
    return file;
  }

  // On the node's thread of keys.
  base::Status Record(const KeyRelease& release) {
    const std::lock_guard lock(log_mutex_);
    if (record_error_) return *record_error_;
    released_.push_back(release);
    return base::Ok();
  }
  std::vector<KeyRelease> Released() {
    const std::lock_guard lock(log_mutex_);
    return released_;
  }
  void RefuseRecords(std::optional<base::Error> error) {
    const std::lock_guard lock(log_mutex_);
    record_error_ = std::move(error);
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

  static inline const seal::SealedName kModel{"tenantA000000001", "m", 1};

  const TestFolder folder_;
  FaultyKeys keys_{folder_.path() + "/keyring"};
  RevokedTenants revoked_ = RevokedTenants::Open(folder_.path() + "/revoked").value();
  FakeCompartments compartments_;
  FakeDevices devices_{2};
  std::unique_ptr<device::DeviceBackend> gpus_;  // none, unless the test has some
  SupervisorOptions options_;

 private:
  const compartment::WorkerProgram program_;
  const base::UniqueFd stop_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::mutex log_mutex_;
  std::string log_;
  std::vector<KeyRelease> released_;
  std::optional<base::Error> record_error_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace bulkhead::node
