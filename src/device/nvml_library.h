// SPDX-License-Identifier: Apache-2.0
// libnvidia-ml, loaded when the program runs: it belongs to the driver of the machine.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "device/nvml_types.h"

namespace bulkhead::device::nvml {

// One pointer for each function we call, under its name in the library without "nvml". Functions
// that switch MIG mode or reset a GPU are not here and so cannot be called.
struct Functions {
  Return (*Shutdown)();
  const char* (*ErrorString)(Return);
  Return (*SystemGetDriverVersion)(char*, unsigned);
  Return (*DeviceGetCount)(unsigned*);
  Return (*DeviceGetHandleByIndex)(unsigned, Device*);
  Return (*DeviceGetUUID)(Device, char*, unsigned);
  Return (*DeviceGetMinorNumber)(Device, unsigned*);
  Return (*DeviceGetPciInfo)(Device, Pci*);
  Return (*DeviceGetName)(Device, char*, unsigned);
  Return (*DeviceGetMemoryInfo)(Device, MemoryV2*);
  Return (*DeviceGetMigMode)(Device, unsigned*, unsigned*);
  Return (*DeviceGetEccMode)(Device, unsigned*, unsigned*);
  Return (*DeviceGetComputeMode)(Device, unsigned*);
  Return (*DeviceGetGpuInstanceProfileInfo)(Device, unsigned, GpuProfile*);
  Return (*DeviceGetGpuInstancePossiblePlacements)(Device, unsigned, GpuInstancePlacement*,
                                                   unsigned*);
  Return (*DeviceCreateGpuInstanceWithPlacement)(Device, unsigned, const GpuInstancePlacement*,
                                                 GpuInstanceHandle*);
  Return (*DeviceGetGpuInstances)(Device, unsigned, GpuInstanceHandle*, unsigned*);
  Return (*DeviceGetGpuInstanceById)(Device, unsigned, GpuInstanceHandle*);
  Return (*GpuInstanceGetInfo)(GpuInstanceHandle, GpuInstanceRecord*);
  Return (*GpuInstanceDestroy)(GpuInstanceHandle);
  Return (*GpuInstanceGetComputeInstanceProfileInfo)(GpuInstanceHandle, unsigned, unsigned,
                                                     ComputeProfile*);
  Return (*GpuInstanceCreateComputeInstance)(GpuInstanceHandle, unsigned, ComputeInstanceHandle*);
  Return (*GpuInstanceGetComputeInstances)(GpuInstanceHandle, unsigned, ComputeInstanceHandle*,
                                           unsigned*);
  Return (*GpuInstanceGetComputeInstanceById)(GpuInstanceHandle, unsigned, ComputeInstanceHandle*);
  Return (*ComputeInstanceGetInfo)(ComputeInstanceHandle, ComputeInstanceRecord*);
  Return (*ComputeInstanceDestroy)(ComputeInstanceHandle);
  Return (*DeviceGetComputeRunningProcesses)(Device, unsigned*, ProcessRecord*);
  Return (*EventSetCreate)(EventSet*);
  Return (*DeviceRegisterEvents)(Device, unsigned long long, EventSet);
  Return (*EventSetWait)(EventSet, Event*, unsigned);
  Return (*EventSetFree)(EventSet);
};

// The library in use: initialised when it is made, shut down with it. One thread at a time.
class Library {
 public:
  // kUnavailable: not there, a function of it is missing, or it does not find its driver.
  static base::Result<std::unique_ptr<Library>> Load(const std::filesystem::path& file);
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library();

  [[nodiscard]] const Functions& functions() const { return functions_; }

  // Ok, or the error with the name of the call and the library's own words.
  [[nodiscard]] base::Status Check(Return code, std::string_view call) const;

 private:
  explicit Library(void* handle) : handle_(handle) {}

  void* handle_;
  bool initialised_ = false;
  Functions functions_{};
};

// kInUse is kConflict, kInsufficientResources kExhausted, kNoPermission kDenied, kNotFound
// kNotFound, kNotSupported and kFunctionNotFound kUnsupported, kInvalidArgument kInvalid; the
// driver did nothing then. Every other is kUnavailable: nobody knows.
base::Code CodeOf(Return code);

}  // namespace bulkhead::device::nvml
