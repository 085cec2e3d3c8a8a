// SPDX-License-Identifier: Apache-2.0
#include "node/audit_events.h"

#include <gtest/gtest.h>

#include "device/test_gpus.h"
#include "node/audit_record.h"
#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using audit::Annotation;
using audit::EventKind;
using audit::Label;

HeldWorker AWorker() {
  HeldWorker worker;
  worker.request.name = "line-3";
  worker.request.profile = "cpu:1c1g";
  worker.partitions.cores.id = "cpu-2";
  worker.partitions.cores.device_id = "cpu";
  worker.partitions.cores.profile = "cpu:1c1g";
  worker.layers = isolation::LayerSet::All();
  worker.audit_id = "id";
  return worker;
}

TEST(AuditEvents, TellAViolationWithItsSystemCall) {
  isolation::End end;
  end.reason = isolation::EndReason::kViolated;
  end.syscall_number = 101;
  const audit::Event event = WorkerEnded(AWorker(), end);
  EXPECT_EQ(event.kind, EventKind::kWorkerViolate);
  EXPECT_EQ(event.annotations.at(Annotation::kSystemCall), Label("101"));
  end = {};
  end.reason = isolation::EndReason::kCrashed;
  end.signal = 11;
  EXPECT_EQ(WorkerEnded(AWorker(), end).kind, EventKind::kWorkerExit);
  EXPECT_EQ(WorkerEnded(AWorker(), end).annotations.at(Annotation::kSignal), Label("11"));
}

TEST(AuditEvents, TellTheLayersThatWereReached) {
  HeldWorker worker = AWorker();
  EXPECT_EQ(WorkerStarted(worker).annotations.at(Annotation::kIsolationLayers), Label("all"));
  worker.layers.Remove(isolation::Layer::kLandlock);
  EXPECT_EQ(WorkerStarted(worker).annotations.at(Annotation::kIsolationLayers),
            Label("all but landlock"));
  worker.layers = {isolation::Layer::kLandlock};
  EXPECT_EQ(WorkerStarted(worker).annotations.at(Annotation::kIsolationLayers), Label("landlock"));
}

device::Device AGpu(std::vector<device::GpuInstance> instances,
                    std::vector<device::InstanceHolder> holders) {
  device::Device device;
  device.id = "GPU-a";
  device.gpu.emplace();
  device.gpu->gpu.model = device::A100();
  device.gpu->gpu.instances = std::move(instances);
  device.gpu->holders = std::move(holders);
  return device;
}

TEST(AuditEvents, TellInstancesThatWereMadeDestroyedAndAdopted) {
  const device::GpuInstance first{7, 0, 0, {}};
  const device::GpuInstance second{8, 0, 1, {}};
  const device::GpuInstance third{9, 0, 2, {}};
  const auto before = AGpu({first, second}, {{true, ""}, {true, ""}});
  const auto after = AGpu({second, third}, {{true, "gpu0-gi8"}, {true, "gpu0-gi9"}});
  const auto events = InstanceChanges({before}, {after});
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].annotations.at(Annotation::kDecision), Label("destroyed"));
  EXPECT_EQ(events[1].annotations.at(Annotation::kDecision), Label("adopted"));
  EXPECT_EQ(events[2].annotations.at(Annotation::kDecision), Label("made"));
  EXPECT_EQ(events[2].annotations.at(Annotation::kDevice), Label("GPU-a"));
  EXPECT_EQ(Adopted({before}).size(), 2U);
  EXPECT_TRUE(InstanceChanges({after}, {after}).empty());
}

TEST(AuditRecord, WritesAReleaseOfAKeyAhead) {
  std::vector<audit::Event> told;
  bool refuses = false;
  AuditRecord record;
  record.ahead = [&](const audit::Event& event) -> base::Status {
    if (refuses) return base::OperatorError(base::Code::kUnavailable, "no");
    told.push_back(event);
    return base::Ok();
  };
  const RecordRelease release = RecordReleases(record);
  EXPECT_TRUE(release({{"plant", "line-3", 2}, {"file", "tenant-plant"}, "w-1"}).ok());
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].kind, EventKind::kDataKeyRelease);
  EXPECT_EQ(told[0].annotations.at(Annotation::kDecision), Label("granted"));
  EXPECT_EQ(told[0].annotations.at(Annotation::kKeyName), Label("tenant-plant"));
  refuses = true;
  EXPECT_FALSE(release({}).ok());
}

}  // namespace
}  // namespace bulkhead::node
