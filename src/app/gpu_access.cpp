// SPDX-License-Identifier: Apache-2.0
// Where the commands of `gpu` find GPUs.
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/compose.h"
#include "device/inventory_file.h"
#include "device/nvml_backend.h"
#include "device/nvml_gpus.h"
#include "device/simulated_backend.h"
#include "node/client.h"
#include "node/state_folder.h"

namespace bulkhead::app {
namespace {

using base::Code;
using cli::GpuPurpose;
using cli::GpuWhere;
using cli::InstanceChange;
using cli::OpenedGpus;
using device::DeviceBackend;

// What a node does for one request: it may wait seconds for a process to let go of an instance.
constexpr std::chrono::seconds kNodePatience{30};
constexpr const char* kLibrary = "libnvidia-ml.so.1";

device::PartitionRequest PlaceOf(const InstanceChange& change) {
  return {change.profile, change.device_id, change.start};
}

// `open` gives the backend for looking (false) or for changing (true): only the first change opens
// the latter, which puts in order what a crash left.
base::Result<OpenedGpus> OpenBackend(
    std::string through,
    const std::function<base::Result<std::shared_ptr<DeviceBackend>>(bool change)>& open,
    GpuPurpose purpose) {
  OpenedGpus opened;
  opened.through = std::move(through);
  opened.owners_known = true;
  BH_ASSIGN(const std::shared_ptr<DeviceBackend> looked, open(false));
  BH_ASSIGN(opened.devices, looked->List());
  if (purpose == GpuPurpose::kRead) return opened;
  opened.change = [open, backend = std::shared_ptr<DeviceBackend>()](
                      const InstanceChange& change) mutable -> base::Status {
    if (!backend) {
      BH_ASSIGN(backend, open(true));
    }
    return change.make ? backend->MakeIdle(PlaceOf(change)) : backend->RemoveIdle(PlaceOf(change));
  };
  return opened;
}

base::Result<std::shared_ptr<DeviceBackend>> Shared(
    base::Result<std::unique_ptr<DeviceBackend>> opened) {
  if (!opened.ok()) return std::move(opened).error();
  return std::shared_ptr<DeviceBackend>(std::move(opened).value());
}

base::Result<OpenedGpus> OpenSimulated(const std::string& spec, GpuPurpose purpose) {
  constexpr std::string_view kFile = "file=";
  if (!spec.starts_with(kFile)) {
    // They live as long as this command, and its one backend.
    BH_ASSIGN(const auto backend, Shared(device::OpenSimulatedBackend(spec)));
    return OpenBackend(
        "simulated GPUs, which end with this command",
        [backend](bool) -> base::Result<std::shared_ptr<DeviceBackend>> { return backend; },
        purpose);
  }
  const std::string path = spec.substr(kFile.size());
  return OpenBackend(
      "the simulated GPUs of " + path,
      [path](bool change) { return Shared(device::OpenSimulatedFile(path, change)); }, purpose);
}

base::Result<device::Device> DeviceOf(const node::ListedGpu& listed, bool simulated) {
  BH_ASSIGN(std::vector<device::Gpu> gpus, device::ParseInventory(listed.inventory));
  if (gpus.size() != 1 || gpus.front().instances.size() != listed.instances.size()) {
    return base::OperatorError(Code::kCorrupt, "the node described a GPU that cannot be");
  }
  device::Device device;
  device.id = gpus.front().uuid;
  device.name = gpus.front().model.product;
  device.simulated = simulated;
  device.gpu = device::GpuDevice{std::move(gpus.front()), {}, {}, listed.fenced};
  const auto holder = [](const node::GpuOwner& owner) {
    return owner.worker.empty() ? owner.partition_id : owner.worker;
  };
  device.gpu->whole_held_by = holder(listed.whole);
  for (const node::GpuOwner& owner : listed.instances) {
    device.gpu->holders.push_back({owner.ours, holder(owner)});
  }
  return device;
}

base::Result<OpenedGpus> OpenNode(node::Client client, const std::string& socket,
                                  GpuPurpose purpose) {
  BH_ASSIGN(const auto listed, client.ListGpus(kNodePatience));
  OpenedGpus opened;
  opened.through = "the node at " + socket;
  opened.owners_known = true;
  for (const node::ListedGpu& gpu : listed) {
    BH_ASSIGN(device::Device device, DeviceOf(gpu, client.welcome().gpus.simulated));
    opened.devices.push_back(std::move(device));
  }
  if (purpose == GpuPurpose::kRead) return opened;
  opened.change =
      [held = std::make_shared<node::Client>(std::move(client))](const InstanceChange& change) {
        using Change = node::ChangeInstance::Change;
        return held->Change({0, change.make ? Change::kMake : Change::kRemove, change.device_id,
                             change.profile, change.start},
                            kNodePatience);
      };
  return opened;
}

base::Result<OpenedGpus> OpenMachine(const GpuWhere& where) {
  if (where.purpose == GpuPurpose::kRead) {
    BH_ASSIGN(const auto driver, device::OpenNvmlGpus(kLibrary, {}));
    BH_ASSIGN(std::vector<device::Gpu> gpus, driver->List());
    OpenedGpus opened{{}, false, "this machine's driver", {}};
    for (device::Gpu& gpu : gpus) {
      device::Device device;
      device.id = gpu.uuid;
      device.name = gpu.model.product;
      device.gpu = device::GpuDevice{std::move(gpu), {}, {}, {}};
      opened.devices.push_back(std::move(device));
    }
    return opened;
  }
  // The driver first: without one there is no folder to be made.
  BH_TRY(device::OpenNvmlGpus(kLibrary, {}));
  auto held = node::HoldStateFolder(where.state, std::chrono::milliseconds(0));
  if (!held.ok()) return base::WithContext(std::move(held).error(), "no node answers");
  const auto folder = std::make_shared<node::StateFolder>(std::move(held).value());
  return OpenBackend(
      "this machine's driver",
      [folder](bool change) {
        device::NvmlBackendOptions options;
        options.journal_folder = folder->path;
        options.recover = change;
        return Shared(device::OpenNvmlBackend(std::move(options)));
      },
      where.purpose);
}

// Whether nobody is there to be asked.
bool NobodyServes(const base::Error& error) {
  return error.code == Code::kUnavailable || error.code == Code::kNotFound;
}

base::Result<OpenedGpus> Open(const GpuWhere& where) {
  constexpr std::chrono::seconds kHelloPatience{5};
  if (!where.simulated.empty()) return OpenSimulated(where.simulated, where.purpose);
  auto client = node::Client::Connect(where.node, kHelloPatience);
  if (client.ok() && !client.value().welcome().gpus.models.empty()) {
    return OpenNode(std::move(client).value(), where.node.string(), where.purpose);
  }
  // Who only looks may do so without a node that answers.
  if (where.purpose == GpuPurpose::kRead) return OpenMachine(where);
  if (client.ok()) {
    return base::OperatorError(Code::kUnsupported,
                               "the node at " + where.node.string() +
                                   " has no GPUs: start it with --devices nvml: where GPUs are");
  }
  if (!NobodyServes(client.error())) return std::move(client).error();
  return OpenMachine(where);
}

}  // namespace

cli::OpenGpus ComposeGpus() { return Open; }

}  // namespace bulkhead::app
