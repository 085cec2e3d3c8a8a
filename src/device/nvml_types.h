// SPDX-License-Identifier: Apache-2.0
// What we use of NVIDIA's management library (NVML), declared here because its header is not ours
// to have: numbers and layouts as in its nvml.h, which keeps them for the life of a versioned name.
#pragma once

#include <array>
#include <cstdint>

namespace bulkhead::device::nvml {

// nvmlReturn_t; other values exist.
enum Return : int {  // NOLINT(performance-enum-size): the size of the library
  kSuccess = 0,
  kUninitialized = 1,
  kInvalidArgument = 2,
  kNotSupported = 3,
  kNoPermission = 4,
  kNotFound = 6,
  kInsufficientSize = 7,
  kDriverNotLoaded = 9,
  kTimeout = 10,
  kFunctionNotFound = 13,
  kGpuIsLost = 15,
  kResetRequired = 16,
  kOperatingSystem = 17,
  kVersionMismatch = 18,
  kInUse = 19,
  kMemory = 20,
  kInsufficientResources = 23,
  kArgumentVersionMismatch = 25,
  kInvalidState = 29,
  kUnknown = 999,
};

using Device = struct DeviceHandle*;
using GpuInstanceHandle = struct GpuInstanceTag*;
using ComputeInstanceHandle = struct ComputeInstanceTag*;
using EventSet = struct EventSetTag*;

constexpr unsigned kNameBytes = 96;
constexpr unsigned kNone = 0xFFFFFFFF;       // an id where there is no instance
constexpr unsigned kExclusiveProcess = 3;    // nvmlComputeMode_t
constexpr unsigned long long kXidEvent = 8;  // nvmlEventTypeXidCriticalError
// NVML_GPU_INSTANCE_PROFILE_*, the argument of GetGpuInstanceProfileInfo alone: what it answers has
// an id that every other call takes.
enum GpuInstanceProfile : unsigned {  // NOLINT(performance-enum-size): as it goes over the call
  k1Slice = 0x0,
  k2Slice = 0x1,
  k3Slice = 0x2,
  k4Slice = 0x3,
  k7Slice = 0x4,
  k8Slice = 0x5,
  k6Slice = 0x6,
  k1SliceRev1 = 0x7,  // with media engines added
  k2SliceRev1 = 0x8,
  k1SliceRev2 = 0x9,  // with twice the memory
  k1SliceGraphics = 0xA,
  k2SliceGraphics = 0xB,
  k4SliceGraphics = 0xC,
  k1SliceNoMedia = 0xD,
  k2SliceNoMedia = 0xE,
  k1SliceAllMedia = 0xF,
  k2SliceAllMedia = 0x10,
  k3SliceGraphics = 0x11,
};
// NVML_COMPUTE_INSTANCE_PROFILE_COUNT of the headers so far; asking past the end is harmless.
constexpr unsigned kComputeProfiles = 16;

struct Pci {
  std::array<char, 16> bus_id_legacy;
  unsigned domain;
  unsigned bus;
  unsigned device;
  unsigned pci_device_id;  // device << 16 | vendor
  unsigned pci_subsystem_id;
  std::array<char, 32> bus_id;
};
static_assert(sizeof(Pci) == 68);

struct MemoryV2 {
  unsigned version;
  unsigned long long total;
  unsigned long long reserved;
  unsigned long long free;
  unsigned long long used;
};
static_assert(sizeof(MemoryV2) == 40);
constexpr unsigned kMemoryV2 = sizeof(MemoryV2) | (2U << 24);

struct GpuInstancePlacement {
  unsigned start;
  unsigned size;
};
static_assert(sizeof(GpuInstancePlacement) == 8);

struct GpuProfile {
  unsigned id;
  unsigned is_p2p_supported;
  unsigned slice_count;
  unsigned instance_count;
  unsigned multiprocessor_count;
  unsigned copy_engine_count;
  unsigned decoder_count;
  unsigned encoder_count;
  unsigned jpeg_count;
  unsigned ofa_count;
  unsigned long long memory_size_mb;
};
static_assert(sizeof(GpuProfile) == 48);

struct GpuInstanceRecord {
  Device device;
  unsigned id;
  unsigned profile_id;
  GpuInstancePlacement placement;
};
static_assert(sizeof(GpuInstanceRecord) == 24);

struct ComputeProfile {
  unsigned id;
  unsigned slice_count;
  unsigned instance_count;
  unsigned multiprocessor_count;
  unsigned shared_copy_engine_count;
  unsigned shared_decoder_count;
  unsigned shared_encoder_count;
  unsigned shared_jpeg_count;
  unsigned shared_ofa_count;
};
static_assert(sizeof(ComputeProfile) == 36);

struct ComputeInstanceRecord {
  Device device;  // the MIG device, which has a UUID and processes
  GpuInstanceHandle gpu_instance;
  unsigned id;
  unsigned profile_id;
  GpuInstancePlacement placement;
};
static_assert(sizeof(ComputeInstanceRecord) == 32);

struct ProcessRecord {
  unsigned pid;
  unsigned long long used_gpu_memory;
  unsigned gpu_instance_id;
  unsigned compute_instance_id;
};
static_assert(sizeof(ProcessRecord) == 24);

struct Event {
  Device device;
  unsigned long long event_type;
  unsigned long long event_data;
  unsigned gpu_instance_id;
  unsigned compute_instance_id;
};
static_assert(sizeof(Event) == 32);

}  // namespace bulkhead::device::nvml
