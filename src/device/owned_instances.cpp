// SPDX-License-Identifier: Apache-2.0
#include "device/owned_instances.h"

#include <algorithm>
#include <string>

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;

const Gpu* FindGpu(const std::vector<Gpu>& gpus, const std::string& uuid) {
  const auto found = std::ranges::find(gpus, uuid, &Gpu::uuid);
  return found == gpus.end() ? nullptr : &*found;
}

bool ComputeIsOurs(const OwnedInstance& owned, const std::vector<ComputeInstance>& compute) {
  switch (owned.stage) {
    case InstanceStage::kIntended:
      return compute.empty();
    case InstanceStage::kMade:
      return compute.size() <= 1;
    case InstanceStage::kWhole:
    case InstanceStage::kLeaving:
      break;
  }
  if (compute.empty()) return true;
  if (!owned.gpu_instance || compute.size() > 1) return false;
  return compute.front().id == owned.compute_instance.value_or(compute.front().id);
}

// The driver knows that it did nothing.
bool IsRefusal(const base::Error& error) {
  return error.code != Code::kUnavailable && error.code != Code::kInternal;
}

}  // namespace

const GpuInstance* FindOwned(const OwnedInstance& owned, const std::vector<Gpu>& gpus) {
  const Gpu* gpu = FindGpu(gpus, owned.gpu);
  if (gpu == nullptr) return nullptr;
  const auto found = std::ranges::find_if(gpu->instances, [&](const GpuInstance& one) {
    const auto& profile = gpu->model.profiles[static_cast<std::size_t>(one.profile)];
    return profile.id == owned.profile_id && one.start == owned.start &&
           one.id == owned.gpu_instance.value_or(one.id) && ComputeIsOurs(owned, one.compute);
  });
  return found == gpu->instances.end() ? nullptr : &*found;
}

const GpuInstance* FindWhole(const OwnedInstance& owned, const std::vector<Gpu>& gpus) {
  const GpuInstance* found = FindOwned(owned, gpus);
  const bool whole =
      found != nullptr && owned.stage == InstanceStage::kWhole && !found->compute.empty();
  return whole ? found : nullptr;
}

base::Status OwnedInstances::Recover() {
  BH_ASSIGN(const std::vector<Gpu> gpus, driver_.List());
  const std::map<uint64_t, OwnedInstance> before = owned();
  for (const auto& [generation, one] : before) {
    // A GPU that is not seen may come back.
    if (FindGpu(gpus, one.gpu) == nullptr) continue;
    if (FindOwned(one, gpus) == nullptr) {
      BH_TRY(journal_.Gone(generation));
    } else if (FindWhole(one, gpus) == nullptr) {
      (void)Remove(generation);
    }
  }
  return base::Ok();
}

base::Status OwnedInstances::Complete(uint64_t generation, const std::string& gpu,
                                      int gpu_instance) {
  BH_TRY(journal_.Made(generation, gpu_instance));
  BH_ASSIGN(const ComputeInstance compute, driver_.CreateComputeInstance(gpu, gpu_instance));
  return journal_.Whole(generation, compute.id);
}

base::Result<uint64_t> OwnedInstances::Make(const Gpu& gpu, int profile, int start) {
  const int profile_id = gpu.model.profiles[static_cast<std::size_t>(profile)].id;
  BH_ASSIGN(const uint64_t generation, journal_.Intend(gpu.uuid, profile_id, start));
  auto created = driver_.CreateGpuInstance(gpu.uuid, profile_id, start);
  if (!created.ok() && IsRefusal(created.error())) {
    // Not made, so what may be there now is not ours.
    BH_TRY(journal_.Gone(generation));
    return std::move(created).error();
  }
  base::Status completed = created.ok() ? Complete(generation, gpu.uuid, created.value())
                                        : base::Status(std::move(created).error());
  if (completed.ok()) return generation;
  (void)Remove(generation);
  return std::move(completed).error();
}

base::Status OwnedInstances::WhenIdle(const std::function<base::Status()>& remove) {
  std::chrono::milliseconds pause = kRemoveWaitFirst;
  for (int tries = 1;; ++tries) {
    base::Status removed = remove();
    const bool busy = !removed.ok() && removed.error().code == Code::kConflict;
    if (!busy || tries == kRemoveTriesMax) return removed;
    wait_(pause);
    pause *= 2;
  }
}

base::Status OwnedInstances::RemoveParts(const std::string& gpu, const GpuInstance& instance) {
  for (const ComputeInstance& compute : instance.compute) {
    BH_TRY(
        WhenIdle([&] { return driver_.DestroyComputeInstance(gpu, {instance.id, compute.id}); }));
  }
  return WhenIdle([&] { return driver_.DestroyGpuInstance(gpu, instance.id); });
}

base::Status OwnedInstances::Remove(uint64_t generation) {
  const auto found = owned().find(generation);
  if (found == owned().end()) return OperatorError(Code::kNotFound, "no instance of ours");
  BH_ASSIGN(std::vector<Gpu> gpus, driver_.List());
  const OwnedInstance one = found->second;
  if (FindGpu(gpus, one.gpu) == nullptr) {
    return OperatorError(Code::kUnavailable, "the driver does not list " + one.gpu);
  }
  if (const GpuInstance* instance = FindOwned(one, gpus); instance != nullptr) {
    if (one.stage != InstanceStage::kLeaving) BH_TRY(journal_.Leave(generation));
    base::Status removed = RemoveParts(one.gpu, *instance);
    if (!removed.ok()) {
      // What was refused may have been done.
      BH_ASSIGN(gpus, driver_.List());
      if (FindOwned(owned().at(generation), gpus) != nullptr) return removed;
    }
  }
  return journal_.Gone(generation);
}

}  // namespace bulkhead::device
