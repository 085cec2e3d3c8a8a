// SPDX-License-Identifier: Apache-2.0
#include "device/nvml_library.h"

#include <string>

#include <dlfcn.h>
#include <fmt/format.h>

namespace bulkhead::device::nvml {
namespace {

using base::Code;
using base::OperatorError;

// Finds the functions one after the other and keeps the name of the first that is missing.
class Resolver {
 public:
  explicit Resolver(void* library) : library_(library) {}

  template <typename Function>
  void Find(const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(::dlsym(library_, name));
    if (function == nullptr && missing_.empty()) missing_ = name;
  }
  [[nodiscard]] const std::string& missing() const { return missing_; }

 private:
  void* library_;
  std::string missing_;
};

void ResolveDevice(Resolver& find, Functions& f) {
  find.Find("nvmlDeviceGetCount_v2", f.DeviceGetCount);
  find.Find("nvmlDeviceGetHandleByIndex_v2", f.DeviceGetHandleByIndex);
  find.Find("nvmlDeviceGetUUID", f.DeviceGetUUID);
  find.Find("nvmlDeviceGetMinorNumber", f.DeviceGetMinorNumber);
  find.Find("nvmlDeviceGetPciInfo_v3", f.DeviceGetPciInfo);
  find.Find("nvmlDeviceGetName", f.DeviceGetName);
  find.Find("nvmlDeviceGetMemoryInfo_v2", f.DeviceGetMemoryInfo);
  find.Find("nvmlDeviceGetMigMode", f.DeviceGetMigMode);
  find.Find("nvmlDeviceGetEccMode", f.DeviceGetEccMode);
  find.Find("nvmlDeviceGetComputeMode", f.DeviceGetComputeMode);
  find.Find("nvmlDeviceGetComputeRunningProcesses_v3", f.DeviceGetComputeRunningProcesses);
  find.Find("nvmlEventSetCreate", f.EventSetCreate);
  find.Find("nvmlDeviceRegisterEvents", f.DeviceRegisterEvents);
  find.Find("nvmlEventSetWait_v2", f.EventSetWait);
  find.Find("nvmlEventSetFree", f.EventSetFree);
}

void ResolveInstances(Resolver& find, Functions& f) {
  find.Find("nvmlDeviceGetGpuInstanceProfileInfo", f.DeviceGetGpuInstanceProfileInfo);
  find.Find("nvmlDeviceGetGpuInstancePossiblePlacements_v2",
            f.DeviceGetGpuInstancePossiblePlacements);
  find.Find("nvmlDeviceCreateGpuInstanceWithPlacement", f.DeviceCreateGpuInstanceWithPlacement);
  find.Find("nvmlDeviceGetGpuInstances", f.DeviceGetGpuInstances);
  find.Find("nvmlDeviceGetGpuInstanceById", f.DeviceGetGpuInstanceById);
  find.Find("nvmlGpuInstanceGetInfo", f.GpuInstanceGetInfo);
  find.Find("nvmlGpuInstanceDestroy", f.GpuInstanceDestroy);
  find.Find("nvmlGpuInstanceGetComputeInstanceProfileInfo",
            f.GpuInstanceGetComputeInstanceProfileInfo);
  find.Find("nvmlGpuInstanceCreateComputeInstance", f.GpuInstanceCreateComputeInstance);
  find.Find("nvmlGpuInstanceGetComputeInstances", f.GpuInstanceGetComputeInstances);
  find.Find("nvmlGpuInstanceGetComputeInstanceById", f.GpuInstanceGetComputeInstanceById);
  find.Find("nvmlComputeInstanceGetInfo_v2", f.ComputeInstanceGetInfo);
  find.Find("nvmlComputeInstanceDestroy", f.ComputeInstanceDestroy);
}

}  // namespace

base::Code CodeOf(Return code) {
  switch (code) {
    case kInvalidArgument:
      return Code::kInvalid;
    case kNotSupported:
    case kFunctionNotFound:
      return Code::kUnsupported;
    case kNoPermission:
      return Code::kDenied;
    case kNotFound:
      return Code::kNotFound;
    case kInUse:
      return Code::kConflict;
    case kInsufficientResources:
      return Code::kExhausted;
    default:
      return Code::kUnavailable;
  }
}

base::Result<std::unique_ptr<Library>> Library::Load(const std::filesystem::path& file) {
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc keeps one message per thread
    const char* reason = ::dlerror();
    return OperatorError(Code::kUnavailable,
                         fmt::format("NVIDIA's driver is not here: {}",
                                     reason != nullptr ? reason : "unknown reason"));
  }
  std::unique_ptr<Library> library(new Library(handle));
  Functions& functions = library->functions_;
  Return (*init)() = nullptr;
  Resolver find(handle);
  find.Find("nvmlInit_v2", init);
  find.Find("nvmlShutdown", functions.Shutdown);
  find.Find("nvmlErrorString", functions.ErrorString);
  find.Find("nvmlSystemGetDriverVersion", functions.SystemGetDriverVersion);
  ResolveDevice(find, functions);
  ResolveInstances(find, functions);
  if (!find.missing().empty()) {
    return OperatorError(
        Code::kUnavailable,
        fmt::format("{} has no {}: the driver is too old for MIG", file.string(), find.missing()));
  }
  const base::Status started = library->Check(init(), "nvmlInit_v2");
  if (!started.ok()) return OperatorError(Code::kUnavailable, started.error().detail);
  library->initialised_ = true;
  return library;
}

Library::~Library() {
  if (initialised_) functions_.Shutdown();
  ::dlclose(handle_);
}

base::Status Library::Check(Return code, std::string_view call) const {
  if (code == kSuccess) return base::Ok();
  const char* words = functions_.ErrorString(code);
  std::string text = fmt::format("{}: {} ({})", call, words != nullptr ? words : "unknown",
                                 static_cast<int>(code));
  if (code == kNoPermission) {
    text += "; it needs root, or /dev/nvidia-caps/nvidia-cap1 (mig/config)";
  }
  return OperatorError(CodeOf(code), std::move(text));
}

}  // namespace bulkhead::device::nvml
