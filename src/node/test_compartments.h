// SPDX-License-Identifier: Apache-2.0
// What the node's tests put in the place of compartments and devices: a double of the isolation
// driver, and devices with as many partitions as the test says.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "compartment/test_compartments.h"
#include "device/device_backend.h"
#include "node/audit_record.h"

namespace bulkhead::node {

using compartment::Duplicate;
using compartment::FakeCompartments;
using compartment::kTestPatience;
using compartment::PlayedWorker;

// Keeps what is recorded; refuses when told to.
struct RecordInMemory {
  AuditRecord Make() {
    AuditRecord record;
    record.ahead = [this](const audit::Event& event) -> base::Status {
      if (refuses) return base::OperatorError(base::Code::kExhausted, "no record, no action");
      events.push_back(event);
      return base::Ok();
    };
    record.after = [this](const audit::Event& event) { events.push_back(event); };
    record.sign = [] {};
    return record;
  }
  // "worker-start line-3 RequestReceived", ...
  [[nodiscard]] std::vector<std::string> Told() const {
    std::vector<std::string> told;
    for (const audit::Event& event : events) {
      told.push_back(std::string(audit::NamesOf(event.kind).name) + " " + event.object_name.text() +
                     " " + std::string(audit::NameOf(event.stage)));
    }
    return told;
  }

  std::vector<audit::Event> events;
  std::atomic<bool> refuses = false;
};

class FakeDevices final : public device::DeviceBackend {
 public:
  explicit FakeDevices(int partitions) : free_(partitions) {}

  base::Result<std::vector<device::Device>> List() override {
    return std::vector<device::Device>();
  }

  base::Result<device::Partition> Acquire(const device::PartitionRequest& request) override {
    if (request.profile != "cpu:1c1g")
      return base::OperatorError(base::Code::kInvalid, "not a profile");
    if (free_ == 0) return base::OperatorError(base::Code::kExhausted, "no room");
    --free_;
    const int number = ++last_;
    device::Partition partition;
    partition.id = "cpu-" + std::to_string(number);
    partition.device_id = "cpu";
    partition.profile = request.profile;
    partition.cpus = {0};
    partition.memory_bytes = int64_t{1} << 30;
    held_.insert(partition.id);
    return partition;
  }

  base::Status Scrub(const device::Partition& partition) override {
    EXPECT_TRUE(held_.contains(partition.id));
    if (scrubs_until_failure && (*scrubs_until_failure)-- == 0) {
      return base::OperatorError(base::Code::kUnavailable, "it cannot be cleared");
    }
    return base::Ok();
  }

  base::Status Release(const device::Partition& partition) override {
    EXPECT_EQ(held_.erase(partition.id), 1U);
    ++free_;
    return base::Ok();
  }

  base::Status MakeIdle(const device::PartitionRequest& /*place*/) override {
    return base::OperatorError(base::Code::kUnsupported, "these cannot be cut");
  }
  base::Status RemoveIdle(const device::PartitionRequest& /*place*/) override {
    return base::OperatorError(base::Code::kUnsupported, "these cannot be cut");
  }

  // Read when the supervisor has returned.
  [[nodiscard]] std::size_t held() const { return held_.size(); }

  std::optional<int> scrubs_until_failure;

 private:
  int free_;
  int last_ = 0;
  std::set<std::string> held_;
};

}  // namespace bulkhead::node
