// SPDX-License-Identifier: Apache-2.0
// The functions that tell of GPU instances, make them and destroy them.
#include <algorithm>
#include <array>
#include <optional>

#include "nvml_double/double_state.h"

namespace bulkhead::device::nvml {
namespace {

struct Kind {
  int slices;
  mig::Media media;
  bool graphics;
  bool doubled;
};
using mig::Media;
// By the numbers of NVML_GPU_INSTANCE_PROFILE_*.
constexpr std::array<Kind, 0x12> kKinds{{{1, Media::kUsual, false, false},
                                         {2, Media::kUsual, false, false},
                                         {3, Media::kUsual, false, false},
                                         {4, Media::kUsual, false, false},
                                         {7, Media::kUsual, false, false},
                                         {8, Media::kUsual, false, false},
                                         {6, Media::kUsual, false, false},
                                         {1, Media::kAdded, false, false},
                                         {2, Media::kAdded, false, false},
                                         {1, Media::kUsual, false, true},
                                         {1, Media::kUsual, true, false},
                                         {2, Media::kUsual, true, false},
                                         {4, Media::kUsual, true, false},
                                         {1, Media::kNone, false, false},
                                         {2, Media::kNone, false, false},
                                         {1, Media::kAll, false, false},
                                         {2, Media::kAll, false, false},
                                         {3, Media::kUsual, true, false}}};

// A plain profile of as many slices and fewer units is there too.
bool IsDoubled(const mig::GpuModel& model, const mig::Profile& profile) {
  return std::ranges::any_of(model.profiles, [&](const mig::Profile& other) {
    return other.slices == profile.slices && other.units < profile.units;
  });
}

const mig::Profile* FindByKind(const mig::GpuModel& model, const Kind& kind) {
  for (const mig::Profile& one : model.profiles) {
    if (one.slices == kind.slices && one.media == kind.media && one.graphics == kind.graphics &&
        IsDoubled(model, one) == kind.doubled) {
      return &one;
    }
  }
  return nullptr;
}

const mig::Profile* FindById(const mig::GpuModel& model, unsigned id) {
  const auto found = std::ranges::find(model.profiles, static_cast<int>(id), &mig::Profile::id);
  return found == model.profiles.end() ? nullptr : &*found;
}

const mig::Profile& ProfileOf(const Gpu& gpu, const GpuInstance& instance) {
  return gpu.model.profiles[static_cast<std::size_t>(instance.profile)];
}

// By the numbers of NVML_COMPUTE_INSTANCE_PROFILE_*; the ids of those profiles are the same.
constexpr std::array<int, 9> kComputeSlices{1, 2, 3, 4, 7, 8, 6, 0, 0};

unsigned Number(int value) { return static_cast<unsigned>(value); }

}  // namespace

NVML_EXPORT Return nvmlDeviceGetGpuInstanceProfileInfo(Device device, unsigned which,
                                                       GpuProfile* info) {
  return CallOn("nvmlDeviceGetGpuInstanceProfileInfo", device, [&](Gpu& gpu) {
    if (which >= kKinds.size()) return kInvalidArgument;
    const mig::Profile* profile = FindByKind(gpu.model, kKinds[which]);
    if (profile == nullptr) return kNotSupported;
    *info = {Number(profile->id),
             0,
             Number(profile->slices),
             Number(profile->count_max),
             Number(profile->multiprocessors),
             Number(profile->engines.copy),
             Number(profile->engines.decoders),
             Number(profile->engines.encoders),
             Number(profile->engines.jpeg),
             Number(profile->engines.optical_flow),
             profile->memory_mib};
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlDeviceGetGpuInstancePossiblePlacements_v2(Device device, unsigned id,
                                                                 GpuInstancePlacement* placements,
                                                                 unsigned* count) {
  const auto work = [&](Gpu& gpu) {
    const mig::Profile* profile = FindById(gpu.model, id);
    if (profile == nullptr) return kInvalidArgument;
    const auto needed = static_cast<unsigned>(profile->starts.size());
    if (placements != nullptr && *count < needed) return kInsufficientSize;
    *count = needed;
    for (unsigned i = 0; placements != nullptr && i < needed; ++i) {
      placements[i] = {Number(profile->starts[i]), Number(profile->units)};
    }
    return kSuccess;
  };
  return CallPrivileged("nvmlDeviceGetGpuInstancePossiblePlacements_v2", device, work);
}

NVML_EXPORT Return nvmlDeviceCreateGpuInstanceWithPlacement(Device device, unsigned id,
                                                            const GpuInstancePlacement* placement,
                                                            GpuInstanceHandle* instance) {
  const auto work = [&](Gpu& gpu) {
    const mig::Profile* profile = FindById(gpu.model, id);
    if (profile == nullptr || placement->size != Number(profile->units)) return kInvalidArgument;
    const auto made =
        State().gpus->CreateGpuInstance(gpu.uuid, profile->id, static_cast<int>(placement->start));
    if (!made.ok()) return CodeOf(made.error());
    *instance = reinterpret_cast<GpuInstanceHandle>(MakeHandle({gpu.uuid, made.value()}));
    return kSuccess;
  };
  return CallPrivileged("nvmlDeviceCreateGpuInstanceWithPlacement", device, work);
}

NVML_EXPORT Return nvmlDeviceGetGpuInstances(Device device, unsigned id,
                                             GpuInstanceHandle* instances, unsigned* count) {
  return CallPrivileged("nvmlDeviceGetGpuInstances", device, [&](Gpu& gpu) {
    if (gpu.mig != MigMode::kOn) return kNotSupported;
    *count = 0;
    for (const GpuInstance& one : gpu.instances) {
      if (Number(ProfileOf(gpu, one).id) != id) continue;
      instances[(*count)++] = reinterpret_cast<GpuInstanceHandle>(MakeHandle({gpu.uuid, one.id}));
    }
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlDeviceGetGpuInstanceById(Device device, unsigned id,
                                                GpuInstanceHandle* instance) {
  return CallPrivileged("nvmlDeviceGetGpuInstanceById", device, [&](Gpu& gpu) {
    Handle* handle = MakeHandle({gpu.uuid, static_cast<int>(id)});
    if (InstanceOf(handle) == nullptr) return kNotFound;
    *instance = reinterpret_cast<GpuInstanceHandle>(handle);
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlGpuInstanceGetInfo(GpuInstanceHandle handle, GpuInstanceRecord* info) {
  return CallOn("nvmlGpuInstanceGetInfo", handle, [&](Gpu& gpu) {
    const GpuInstance* instance = InstanceOf(handle);
    if (instance == nullptr) return kInvalidArgument;
    const mig::Profile& profile = ProfileOf(gpu, *instance);
    *info = {reinterpret_cast<Device>(MakeHandle({gpu.uuid})),
             Number(instance->id),
             Number(profile.id),
             {Number(instance->start), Number(profile.units)}};
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlGpuInstanceDestroy(GpuInstanceHandle handle) {
  return CallPrivileged("nvmlGpuInstanceDestroy", handle, [&](Gpu& gpu) {
    if (InstanceOf(handle) == nullptr) return kInvalidArgument;
    const auto gone = State().gpus->DestroyGpuInstance(gpu.uuid, FindHandle(handle)->gpu_instance);
    return gone.ok() ? kSuccess : CodeOf(gone.error());
  });
}

NVML_EXPORT Return nvmlGpuInstanceGetComputeInstanceProfileInfo(GpuInstanceHandle handle,
                                                                unsigned which, unsigned engine,
                                                                ComputeProfile* info) {
  const auto work = [&](Gpu& gpu) {
    const GpuInstance* instance = InstanceOf(handle);
    if (instance == nullptr || which >= kComputeSlices.size() || engine != 0) {
      return kInvalidArgument;
    }
    const int slices = kComputeSlices[which];
    if (slices == 0 || slices > ProfileOf(gpu, *instance).slices) return kNotSupported;
    *info = ComputeProfile{};
    info->id = which;
    info->slice_count = Number(slices);
    info->instance_count = Number(ProfileOf(gpu, *instance).slices / slices);
    return kSuccess;
  };
  return CallOn("nvmlGpuInstanceGetComputeInstanceProfileInfo", handle, work);
}

NVML_EXPORT Return nvmlGpuInstanceCreateComputeInstance(GpuInstanceHandle handle, unsigned id,
                                                        ComputeInstanceHandle* compute) {
  return CallPrivileged("nvmlGpuInstanceCreateComputeInstance", handle, [&](Gpu& gpu) {
    if (InstanceOf(handle) == nullptr || id >= kComputeSlices.size()) return kInvalidArgument;
    const int instance = FindHandle(handle)->gpu_instance;
    const auto made = State().gpus->CreateComputeInstanceOf(gpu.uuid, instance, kComputeSlices[id]);
    if (!made.ok()) return CodeOf(made.error());
    *compute =
        reinterpret_cast<ComputeInstanceHandle>(MakeHandle({gpu.uuid, instance, made.value().id}));
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlGpuInstanceGetComputeInstances(GpuInstanceHandle handle, unsigned id,
                                                      ComputeInstanceHandle* computes,
                                                      unsigned* count) {
  return CallPrivileged("nvmlGpuInstanceGetComputeInstances", handle, [&](Gpu& gpu) {
    const GpuInstance* instance = InstanceOf(handle);
    if (instance == nullptr || id >= kComputeSlices.size()) return kInvalidArgument;
    *count = 0;
    for (const ComputeInstance& one : instance->compute) {
      if (one.slices != kComputeSlices[id]) continue;
      computes[(*count)++] =
          reinterpret_cast<ComputeInstanceHandle>(MakeHandle({gpu.uuid, instance->id, one.id}));
    }
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlGpuInstanceGetComputeInstanceById(GpuInstanceHandle handle, unsigned id,
                                                         ComputeInstanceHandle* compute) {
  return CallPrivileged("nvmlGpuInstanceGetComputeInstanceById", handle, [&](Gpu& gpu) {
    if (InstanceOf(handle) == nullptr) return kInvalidArgument;
    Handle* found = MakeHandle({gpu.uuid, FindHandle(handle)->gpu_instance, static_cast<int>(id)});
    if (ComputeOf(found) == nullptr) return kNotFound;
    *compute = reinterpret_cast<ComputeInstanceHandle>(found);
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlComputeInstanceGetInfo_v2(ComputeInstanceHandle handle,
                                                 ComputeInstanceRecord* info) {
  return CallOn("nvmlComputeInstanceGetInfo_v2", handle, [&](Gpu& gpu) {
    const ComputeInstance* compute = ComputeOf(handle);
    if (compute == nullptr) return kInvalidArgument;
    const int instance = FindHandle(handle)->gpu_instance;
    *info = {reinterpret_cast<Device>(handle),
             reinterpret_cast<GpuInstanceHandle>(MakeHandle({gpu.uuid, instance})),
             Number(compute->id),
             0,
             {0, Number(compute->slices)}};
    return kSuccess;
  });
}

NVML_EXPORT Return nvmlComputeInstanceDestroy(ComputeInstanceHandle handle) {
  return CallPrivileged("nvmlComputeInstanceDestroy", handle, [&](Gpu& gpu) {
    if (ComputeOf(handle) == nullptr) return kInvalidArgument;
    const Handle& one = *FindHandle(handle);
    const auto gone =
        State().gpus->DestroyComputeInstance(gpu.uuid, {one.gpu_instance, one.compute_instance});
    return gone.ok() ? kSuccess : CodeOf(gone.error());
  });
}

}  // namespace bulkhead::device::nvml
