// SPDX-License-Identifier: Apache-2.0
#include "device/nvml_cards.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "device/known_model.h"

namespace bulkhead::device::nvml {
namespace {

using base::Code;
using base::OperatorError;

constexpr unsigned kProfilesMax = 64;    // far above the 18 of the headers so far
constexpr unsigned kPlacementsMax = 64;  // units are one bit each of 32
constexpr unsigned kInstancesMax = 64;
constexpr unsigned kUnitsMax = 31;
// A30, whose driver is said to count its instances wrongly (mig-parted, pkg/mig/discovery).
constexpr uint32_t kA30 = 0x20B710DE;

std::string Text(const std::array<char, kNameBytes>& bytes) {
  return {bytes.begin(), std::ranges::find(bytes, '\0')};
}

base::Error Strange(std::string_view what) {
  return OperatorError(Code::kUnavailable, fmt::format("the driver reports {}", what));
}

base::Result<int> Number(unsigned value, std::string_view what) {
  constexpr unsigned kMax = 1'000'000;
  if (value > kMax) return Strange(fmt::format("{} {}", what, value));
  return static_cast<int>(value);
}

mig::Media MediaOf(unsigned which) {
  switch (which) {
    case k1SliceRev1:
    case k2SliceRev1:
      return mig::Media::kAdded;
    case k1SliceAllMedia:
    case k2SliceAllMedia:
      return mig::Media::kAll;
    case k1SliceNoMedia:
    case k2SliceNoMedia:
      return mig::Media::kNone;
    default:
      return mig::Media::kUsual;
  }
}

bool HasGraphics(unsigned which) {
  return which == k1SliceGraphics || which == k2SliceGraphics || which == k4SliceGraphics ||
         which == k3SliceGraphics;
}

base::Status ReadPlacements(const Library& library, Device device, mig::Profile& profile) {
  std::array<GpuInstancePlacement, kPlacementsMax> placements{};
  unsigned count = kPlacementsMax;
  BH_TRY(library.Check(library.functions().DeviceGetGpuInstancePossiblePlacements(
                           device, static_cast<unsigned>(profile.id), placements.data(), &count),
                       "nvmlDeviceGetGpuInstancePossiblePlacements_v2"));
  if (count > kPlacementsMax) return Strange("too many placements");
  for (unsigned i = 0; i < count; ++i) {
    const auto [start, size] = placements[i];
    const bool fits =
        start < kUnitsMax && size >= 1 && size <= kUnitsMax - start && size == placements[0].size;
    if (!fits) return Strange("a placement of no sense");
    profile.starts.push_back(static_cast<int>(start));
  }
  std::ranges::sort(profile.starts);
  profile.units = count == 0 ? 0 : static_cast<int>(placements[0].size);
  return base::Ok();
}

base::Result<mig::Profile> ReadProfile(const Library& library, const Card& card, unsigned which,
                                       const GpuProfile& from) {
  mig::Profile profile;
  profile.name = ProfileName(which, from, card.gpu.model.memory_mib);
  profile.media = MediaOf(which);
  profile.graphics = HasGraphics(which);
  profile.memory_mib = from.memory_size_mb;
  BH_ASSIGN(profile.id, Number(from.id, "profile id"));
  BH_ASSIGN(profile.slices, Number(from.slice_count, "slices"));
  BH_ASSIGN(profile.count_max, Number(from.instance_count, "instances"));
  BH_ASSIGN(profile.multiprocessors, Number(from.multiprocessor_count, "multiprocessors"));
  BH_ASSIGN(profile.engines.copy, Number(from.copy_engine_count, "copy engines"));
  BH_ASSIGN(profile.engines.decoders, Number(from.decoder_count, "decoders"));
  BH_ASSIGN(profile.engines.encoders, Number(from.encoder_count, "encoders"));
  BH_ASSIGN(profile.engines.jpeg, Number(from.jpeg_count, "JPEG engines"));
  BH_ASSIGN(profile.engines.optical_flow, Number(from.ofa_count, "optical flow engines"));
  BH_TRY(ReadPlacements(library, card.handle, profile));
  if (card.gpu.model.pci_ids.front() == kA30) {
    profile.count_max =
        profile.media == mig::Media::kUsual ? static_cast<int>(profile.starts.size()) : 1;
  }
  return profile;
}

// Profiles of one size, those that add something after the plain one, as src/mig has them.
bool ComesBefore(const mig::Profile& left, const mig::Profile& right) {
  return std::tie(left.units, left.slices, left.name) <
         std::tie(right.units, right.slices, right.name);
}

base::Status ReadProfiles(const Library& library, Card& card) {
  mig::GpuModel& model = card.gpu.model;
  for (unsigned which = 0; which < kProfilesMax; ++which) {
    GpuProfile from{};
    const Return code =
        library.functions().DeviceGetGpuInstanceProfileInfo(card.handle, which, &from);
    if (code == kInvalidArgument) break;  // past the last one that this driver knows
    if (code == kNotSupported) continue;
    BH_TRY(library.Check(code, "nvmlDeviceGetGpuInstanceProfileInfo"));
    BH_ASSIGN(mig::Profile profile, ReadProfile(library, card, which, from));
    for (const int start : profile.starts) {
      model.units = std::max(model.units, start + profile.units);
    }
    if (profile.units > 0) model.profiles.push_back(std::move(profile));
  }
  std::ranges::sort(model.profiles, ComesBefore);
  for (const mig::Profile& profile : model.profiles) {
    model.multiprocessors = std::max(model.multiprocessors, profile.multiprocessors);
  }
  return base::Ok();
}

base::Result<Card> ReadCard(const Library& library, Device handle, const std::string& driver) {
  const Functions& f = library.functions();
  Card card;
  card.handle = handle;
  card.gpu.driver_version = driver;
  std::array<char, kNameBytes> uuid{};
  std::array<char, kNameBytes> name{};
  unsigned minor = 0;
  Pci pci{};
  MemoryV2 memory{};
  memory.version = kMemoryV2;
  BH_TRY(library.Check(f.DeviceGetUUID(handle, uuid.data(), kNameBytes), "nvmlDeviceGetUUID"));
  BH_TRY(library.Check(f.DeviceGetMinorNumber(handle, &minor), "nvmlDeviceGetMinorNumber"));
  BH_TRY(library.Check(f.DeviceGetPciInfo(handle, &pci), "nvmlDeviceGetPciInfo_v3"));
  BH_TRY(library.Check(f.DeviceGetName(handle, name.data(), kNameBytes), "nvmlDeviceGetName"));
  BH_TRY(library.Check(f.DeviceGetMemoryInfo(handle, &memory), "nvmlDeviceGetMemoryInfo_v2"));
  card.gpu.uuid = Text(uuid);
  BH_ASSIGN(card.gpu.minor, Number(minor, "minor"));
  card.gpu.model.memory_mib = memory.total >> 20U;
  NameModel(Text(name), pci.pci_device_id, card.gpu.model);
  BH_TRY(Refresh(library, card));
  if (card.gpu.mig == MigMode::kAbsent) return card;
  base::Status profiles = ReadProfiles(library, card);
  // Where MIG is off the profiles only tell what could be; where it is on they are needed.
  const bool needed = card.gpu.mig == MigMode::kOn;
  if (!profiles.ok() && needed) return std::move(profiles).error();
  BH_TRY(Refresh(library, card));
  return card;
}

base::Status ReadComputeInstances(const Library& library, GpuInstanceHandle handle,
                                  GpuInstance& instance) {
  BH_ASSIGN(const auto kinds, ReadComputeKinds(library, handle));
  for (const auto& [profile, slices] : kinds) {
    std::array<ComputeInstanceHandle, kInstancesMax> handles{};
    unsigned count = 0;
    BH_TRY(library.Check(
        library.functions().GpuInstanceGetComputeInstances(handle, profile, handles.data(), &count),
        "nvmlGpuInstanceGetComputeInstances"));
    if (count > kInstancesMax) return Strange("too many compute instances");
    for (unsigned i = 0; i < count; ++i) {
      BH_ASSIGN(ComputeInstance compute, ReadCompute(library, handles[i], slices));
      instance.compute.push_back(std::move(compute));
    }
  }
  std::ranges::sort(instance.compute, {}, &ComputeInstance::id);
  return base::Ok();
}

base::Status ReadInstances(const Library& library, Card& card) {
  const Functions& f = library.functions();
  card.gpu.instances.clear();
  for (std::size_t profile = 0; profile < card.gpu.model.profiles.size(); ++profile) {
    std::array<GpuInstanceHandle, kInstancesMax> handles{};
    unsigned count = 0;
    BH_TRY(library.Check(
        f.DeviceGetGpuInstances(card.handle,
                                static_cast<unsigned>(card.gpu.model.profiles[profile].id),
                                handles.data(), &count),
        "nvmlDeviceGetGpuInstances"));
    if (count > kInstancesMax) return Strange("too many GPU instances");
    for (unsigned i = 0; i < count; ++i) {
      GpuInstanceRecord record{};
      BH_TRY(library.Check(f.GpuInstanceGetInfo(handles[i], &record), "nvmlGpuInstanceGetInfo"));
      GpuInstance instance;
      instance.profile = static_cast<int>(profile);
      BH_ASSIGN(instance.id, Number(record.id, "GPU instance"));
      BH_ASSIGN(instance.start, Number(record.placement.start, "placement"));
      BH_TRY(ReadComputeInstances(library, handles[i], instance));
      card.gpu.instances.push_back(std::move(instance));
    }
  }
  std::ranges::sort(card.gpu.instances, {}, &GpuInstance::start);
  return base::Ok();
}

}  // namespace

std::string ProfileName(unsigned which, const GpuProfile& profile, uint64_t total_mib) {
  const uint64_t total = std::max<uint64_t>(total_mib, 1);
  const uint64_t eighths =
      (std::min(profile.memory_size_mb * 8ULL, total * 8ULL) + total - 1) / total;
  const uint64_t gigabytes = (eighths * ((total + 1023) / 1024) * 2 + 8) / 16;
  std::string name = fmt::format("{}g.{}gb", profile.slice_count, gigabytes);
  switch (MediaOf(which)) {
    case mig::Media::kAdded:
      return name + "+me";
    case mig::Media::kAll:
      return name + "+me.all";
    case mig::Media::kNone:
      return name + "-me";
    case mig::Media::kUsual:
      break;
  }
  return HasGraphics(which) ? name + "+gfx" : name;
}

base::Result<std::vector<Card>> ReadCards(const Library& library) {
  const Functions& f = library.functions();
  std::array<char, kNameBytes> version{};
  BH_TRY(library.Check(f.SystemGetDriverVersion(version.data(), kNameBytes),
                       "nvmlSystemGetDriverVersion"));
  unsigned count = 0;
  BH_TRY(library.Check(f.DeviceGetCount(&count), "nvmlDeviceGetCount_v2"));
  std::vector<Card> cards;
  for (unsigned i = 0; i < count; ++i) {
    Device handle = nullptr;
    const Return code = f.DeviceGetHandleByIndex(i, &handle);
    if (code == kGpuIsLost) continue;
    BH_TRY(library.Check(code, fmt::format("nvmlDeviceGetHandleByIndex_v2({})", i)));
    BH_ASSIGN(Card card, ReadCard(library, handle, Text(version)));
    cards.push_back(std::move(card));
  }
  return cards;
}

base::Status Refresh(const Library& library, Card& card) {
  const Functions& f = library.functions();
  unsigned current = 0;
  unsigned pending = 0;
  const Return mig = f.DeviceGetMigMode(card.handle, &current, &pending);
  // Of a GPU that had it before, this is no answer that instances may be forgotten for.
  const bool absent = mig == kNotSupported && card.gpu.mig == MigMode::kAbsent;
  if (!absent) BH_TRY(library.Check(mig, "nvmlDeviceGetMigMode"));
  card.gpu.mig = absent ? MigMode::kAbsent : current == 1 ? MigMode::kOn : MigMode::kOff;
  const Return ecc = f.DeviceGetEccMode(card.handle, &current, &pending);
  if (ecc != kNotSupported) BH_TRY(library.Check(ecc, "nvmlDeviceGetEccMode"));
  card.gpu.ecc = ecc == kNotSupported ? std::nullopt : std::optional(current == 1);
  unsigned mode = 0;
  const Return compute = f.DeviceGetComputeMode(card.handle, &mode);
  if (compute != kNotSupported) BH_TRY(library.Check(compute, "nvmlDeviceGetComputeMode"));
  card.gpu.exclusive = compute == kSuccess && mode == kExclusiveProcess;
  card.gpu.instances.clear();
  return card.gpu.mig == MigMode::kOn ? ReadInstances(library, card) : base::Ok();
}

base::Result<std::vector<ComputeKind>> ReadComputeKinds(const Library& library,
                                                        GpuInstanceHandle instance) {
  std::vector<ComputeKind> kinds;
  for (unsigned which = 0; which < kComputeProfiles; ++which) {
    ComputeProfile profile{};
    const Return code =
        library.functions().GpuInstanceGetComputeInstanceProfileInfo(instance, which, 0, &profile);
    if (code == kInvalidArgument) break;
    if (code == kNotSupported) continue;
    BH_TRY(library.Check(code, "nvmlGpuInstanceGetComputeInstanceProfileInfo"));
    BH_ASSIGN(const int slices, Number(profile.slice_count, "slices"));
    kinds.push_back({profile.id, slices});
  }
  return kinds;
}

base::Result<ComputeInstance> ReadCompute(const Library& library, ComputeInstanceHandle handle,
                                          int slices) {
  const Functions& f = library.functions();
  ComputeInstanceRecord record{};
  BH_TRY(library.Check(f.ComputeInstanceGetInfo(handle, &record), "nvmlComputeInstanceGetInfo_v2"));
  std::array<char, kNameBytes> uuid{};
  BH_TRY(
      library.Check(f.DeviceGetUUID(record.device, uuid.data(), kNameBytes), "nvmlDeviceGetUUID"));
  ComputeInstance compute;
  BH_ASSIGN(compute.id, Number(record.id, "compute instance"));
  compute.slices = slices;
  compute.uuid = Text(uuid);
  return compute;
}

}  // namespace bulkhead::device::nvml
