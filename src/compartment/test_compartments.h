// SPDX-License-Identifier: Apache-2.0
// A double of the isolation driver: its compartments hold no process, and the test plays the worker
// in each.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include "base/unique_fd.h"
#include "channel/inheritance.h"
#include "isolation/isolation_driver.h"

namespace bulkhead::compartment {

constexpr std::chrono::seconds kTestPatience{60};

inline base::UniqueFd Duplicate(int fd) { return base::UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

// The worker's side of one start. Its descriptors are the test's alone, also after its end.
struct PlayedWorker {
  isolation::LaunchSpec spec;
  base::UniqueFd frames;
  base::UniqueFd weights;
  base::UniqueFd setup;
  base::UniqueFd status;
  base::UniqueFd log;
  base::UniqueFd process;  // an eventfd in the place of a pidfd
  std::optional<isolation::End> end;

  void Say(const channel::StatusRecord& record) const {
    channel::WriteStatus(status.get(), record);
  }
  void SayReady() const {
    Say({channel::WorkerState::kLoading});
    Say({channel::WorkerState::kReady});
  }
};

// Starts and ends on the supervisor's thread; everything else is the test's.
class FakeCompartments final : public isolation::IsolationDriver {
 public:
  std::vector<isolation::LayerState> Probe() override { return layers; }

  base::Result<isolation::Compartment> Start(const isolation::LaunchSpec& spec) override {
    const std::lock_guard lock(mutex_);
    if (refusal_) return *std::exchange(refusal_, std::nullopt);
    auto worker = std::make_shared<PlayedWorker>();
    worker->spec = spec;
    for (const auto& [source, number] : spec.descriptors) {
      if (number == channel::kFramesFd) worker->frames = Duplicate(source);
      if (number == channel::kWeightsFd) worker->weights = Duplicate(source);
      if (number == channel::kSetupFd) worker->setup = Duplicate(source);
      if (number == channel::kStatusFd) worker->status = Duplicate(source);
    }
    worker->log = Duplicate(spec.error_output);
    worker->process = base::UniqueFd(::eventfd(0, EFD_CLOEXEC));
    base::UniqueFd process = Duplicate(worker->process.get());
    running_[spec.name] = worker;
    started_.push_back(std::move(worker));
    changed_.notify_all();
    return isolation::Compartment{
        spec.name, 1, std::move(process), {isolation::Layer::kSyscallFilter}};
  }

  base::Result<isolation::End> Destroy(isolation::Compartment compartment,
                                       isolation::Cause cause) override {
    const std::lock_guard lock(mutex_);
    const auto worker = std::move(running_.at(compartment.name));
    running_.erase(compartment.name);
    const auto reason = cause == isolation::Cause::kTimedOut ? isolation::EndReason::kTimedOut
                                                             : isolation::EndReason::kKilled;
    const isolation::End end = worker->end.value_or(isolation::End{reason, 0, 9, -1, 0});
    changed_.notify_all();
    return end;
  }

  base::Result<std::vector<std::string>> Sweep() override { return swept; }

  // The next start that has not been taken.
  std::shared_ptr<PlayedWorker> TakeStart() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kTestPatience, [&] { return taken_ < started_.size(); })) {
      ADD_FAILURE() << "nothing was started";
      return std::make_shared<PlayedWorker>();
    }
    return started_[taken_++];
  }

  // Its process is over, as the kernel would show it.
  void EndBy(PlayedWorker& worker, const isolation::End& end) {
    const std::lock_guard lock(mutex_);
    worker.end = end;
    worker.status = base::UniqueFd();
    worker.log = base::UniqueFd();
    worker.frames = base::UniqueFd();
    EXPECT_EQ(::eventfd_write(worker.process.get(), 1), 0);
  }

  void RefuseNextStart(base::Error error) {
    const std::lock_guard lock(mutex_);
    refusal_ = std::move(error);
  }

  void WaitUntilNoneRuns() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kTestPatience, [&] { return running_.empty(); }));
  }

  std::vector<isolation::LayerState> layers;
  std::vector<std::string> swept;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<PlayedWorker>> running_;
  std::vector<std::shared_ptr<PlayedWorker>> started_;
  std::size_t taken_ = 0;
  std::optional<base::Error> refusal_;
};

}  // namespace bulkhead::compartment
