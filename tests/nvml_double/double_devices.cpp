// SPDX-License-Identifier: Apache-2.0
// The functions that tell of the driver and of whole GPUs.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "device/simulation.h"
#include "nvml_double/double_state.h"

namespace bulkhead::device::nvml {
namespace {

Return Copy(const std::string& text, char* to, unsigned bytes) {
  if (to == nullptr || bytes <= text.size()) return kInsufficientSize;
  std::memcpy(to, text.c_str(), text.size() + 1);
  return kSuccess;
}

}  // namespace

NVML_EXPORT Return nvmlInit_v2() {
  NvmlDouble& state = State();
  const auto failure = state.failures.find(state.calls.size());
  state.calls.emplace_back("nvmlInit_v2");
  if (failure != state.failures.end()) return failure->second.code;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read once at start, nobody calls setenv
  const char* text = std::getenv("BULKHEAD_NVML_DOUBLE");
  if (state.gpus == nullptr && text != nullptr) {
    auto gpus = ReadSimulation(text);
    if (!gpus.ok()) return kDriverNotLoaded;
    state.gpus = std::make_unique<SimulatedGpus>(SimulatedMachine{std::move(gpus).value(), {}, {}});
  }
  if (state.gpus == nullptr) return kDriverNotLoaded;
  ++state.sessions;
  return kSuccess;
}

NVML_EXPORT Return nvmlShutdown() {
  if (State().sessions == 0) return kUninitialized;
  --State().sessions;
  return kSuccess;
}

NVML_EXPORT const char* nvmlErrorString(Return code) {
  return code == kSuccess ? "Success" : "an error of the double";
}

NVML_EXPORT Return nvmlSystemGetDriverVersion(char* version, unsigned bytes) {
  return Call("nvmlSystemGetDriverVersion", [&] { return Copy("550.double", version, bytes); });
}

NVML_EXPORT Return nvmlDeviceGetCount_v2(unsigned* count) {
  return Call("nvmlDeviceGetCount_v2", [&] {
    *count = static_cast<unsigned>(State().gpus->machine().gpus.size());
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlDeviceGetHandleByIndex_v2(unsigned index, Device* device) {
  return Call("nvmlDeviceGetHandleByIndex_v2", [&] {
    const auto& gpus = State().gpus->machine().gpus;
    if (index >= gpus.size()) return kInvalidArgument;
    if (State().lost.contains(gpus[index].uuid)) return kGpuIsLost;
    *device = reinterpret_cast<Device>(MakeHandle({gpus[index].uuid}));
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlDeviceGetUUID(Device device, char* uuid, unsigned bytes) {
  return CallOn("nvmlDeviceGetUUID", device, [&](Gpu& gpu) {
    const ComputeInstance* compute = ComputeOf(device);
    return Copy(compute != nullptr ? compute->uuid : gpu.uuid, uuid, bytes);
  });
}

NVML_EXPORT Return nvmlDeviceGetMinorNumber(Device device, unsigned* minor) {
  return CallOn("nvmlDeviceGetMinorNumber", device, [&](Gpu& gpu) {
    *minor = static_cast<unsigned>(gpu.minor);
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlDeviceGetPciInfo_v3(Device device, Pci* pci) {
  return CallOn("nvmlDeviceGetPciInfo_v3", device, [&](Gpu& gpu) {
    *pci = Pci{};
    pci->pci_device_id = gpu.model.pci_ids.empty() ? 0 : gpu.model.pci_ids.front();
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlDeviceGetName(Device device, char* name, unsigned bytes) {
  return CallOn("nvmlDeviceGetName", device,
                [&](Gpu& gpu) { return Copy(gpu.model.product, name, bytes); });
}

NVML_EXPORT Return nvmlDeviceGetMemoryInfo_v2(Device device, MemoryV2* memory) {
  return CallOn("nvmlDeviceGetMemoryInfo_v2", device, [&](Gpu& gpu) {
    if (memory->version != kMemoryV2) return kArgumentVersionMismatch;
    memory->total = gpu.model.memory_mib << 20U;
    memory->free = memory->total;
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlDeviceGetMigMode(Device device, unsigned* current, unsigned* pending) {
  return CallOn("nvmlDeviceGetMigMode", device, [&](Gpu& gpu) {
    if (gpu.mig == MigMode::kAbsent) return kNotSupported;
    *current = *pending = gpu.mig == MigMode::kOn ? 1 : 0;
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlDeviceGetEccMode(Device device, unsigned* current, unsigned* pending) {
  return CallOn("nvmlDeviceGetEccMode", device, [&](Gpu& gpu) {
    if (!gpu.ecc) return kNotSupported;
    *current = *pending = *gpu.ecc ? 1 : 0;
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlDeviceGetComputeMode(Device device, unsigned* mode) {
  return CallOn("nvmlDeviceGetComputeMode", device, [&](Gpu& gpu) {
    *mode = gpu.exclusive ? kExclusiveProcess : 0;
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlDeviceGetComputeRunningProcesses_v3(Device device, unsigned* count,
                                                           ProcessRecord* processes) {
  return CallOn("nvmlDeviceGetComputeRunningProcesses_v3", device, [&](Gpu& gpu) {
    const Handle& handle = *FindHandle(device);
    std::vector<ProcessRecord> found;
    for (const SimulatedMachine::Process& one : State().gpus->machine().processes) {
      const InstanceNumbers numbers{handle.gpu_instance, handle.compute_instance};
      const bool meant =
          one.gpu == gpu.uuid && (handle.gpu_instance < 0 || one.instance == numbers);
      if (meant) found.push_back({static_cast<unsigned>(one.id), 0, kNone, kNone});
    }
    const bool fits = found.size() <= *count;
    *count = static_cast<unsigned>(found.size());
    if (!fits) return kInsufficientSize;
    std::ranges::copy(found, processes);
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlEventSetCreate(EventSet* set) {
  return Call("nvmlEventSetCreate", [&] {
    *set = reinterpret_cast<EventSet>(MakeHandle({"events"}));
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlDeviceRegisterEvents(Device device, unsigned long long types,
                                            EventSet /*set*/) {
  return CallOn("nvmlDeviceRegisterEvents", device,
                [&](Gpu& /*gpu*/) { return types == kXidEvent ? kSuccess : kInvalidArgument; });
}

NVML_EXPORT Return nvmlEventSetWait_v2(EventSet /*set*/, Event* event, unsigned timeout_ms) {
  return Call("nvmlEventSetWait_v2", [&] {
    if (timeout_ms != 0) return kInvalidArgument;  // a test would hang
    auto& faults = State().gpus->machine().faults;
    if (faults.empty()) return kTimeout;
    const GpuFault fault = faults.front();
    faults.erase(faults.begin());
    *event = {reinterpret_cast<Device>(MakeHandle({fault.gpu})), kXidEvent, fault.code, kNone,
              kNone};
    if (fault.gpu_instance) event->gpu_instance_id = static_cast<unsigned>(*fault.gpu_instance);
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlEventSetFree(EventSet set) {
  return FindHandle(set) != nullptr ? kSuccess : kInvalidArgument;
}

}  // namespace bulkhead::device::nvml
