// SPDX-License-Identifier: Apache-2.0
#include "device/nvml_gpus.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "device/kernel_file.h"
#include "device/mig_minors.h"
#include "device/nvml_cards.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;

constexpr int kFaultsMax = 1000;              // at one go
constexpr unsigned kProcessesMax = 1U << 20;  // far above what a machine runs

// What is refused after something was made does not say that nothing was.
base::Error Unclear(base::Error error) {
  error.code = Code::kUnavailable;
  return error;
}

class NvmlGpus final : public GpuDriver {
 public:
  NvmlGpus(std::unique_ptr<nvml::Library> library, std::vector<nvml::Card> cards,
           std::filesystem::path root)
      : library_(std::move(library)), cards_(std::move(cards)), root_(std::move(root)) {}
  ~NvmlGpus() override {
    if (events_ != nullptr) F().EventSetFree(events_);
  }
  NvmlGpus(const NvmlGpus&) = delete;
  NvmlGpus& operator=(const NvmlGpus&) = delete;

  base::Status ListenForFaults();

  base::Result<std::vector<Gpu>> List() override;
  base::Result<int> CreateGpuInstance(const std::string& gpu, int profile_id, int start) override;
  base::Result<ComputeInstance> CreateComputeInstance(const std::string& gpu,
                                                      int gpu_instance) override;
  base::Status DestroyComputeInstance(const std::string& gpu,
                                      const InstanceNumbers& instance) override;
  base::Status DestroyGpuInstance(const std::string& gpu, int gpu_instance) override;
  base::Result<std::vector<int>> Processes(const std::string& gpu,
                                           const std::optional<InstanceNumbers>& instance) override;
  base::Result<std::vector<GpuFault>> TakeFaults() override;
  base::Result<std::vector<std::filesystem::path>> DeviceNodes(
      const Gpu& gpu, const std::optional<InstanceNumbers>& instance) override;

 private:
  [[nodiscard]] const nvml::Functions& F() const { return library_->functions(); }
  base::Status Check(nvml::Return code, std::string_view call) const {
    return library_->Check(code, call);
  }
  base::Result<const nvml::Card*> FindCard(const std::string& gpu) const;
  base::Result<nvml::GpuInstanceHandle> FindInstance(const std::string& gpu, int id) const;
  base::Result<nvml::ComputeInstanceHandle> FindCompute(const std::string& gpu,
                                                        const InstanceNumbers& instance) const;
  base::Result<int> SlicesOf(const std::string& gpu, nvml::GpuInstanceHandle instance) const;

  std::unique_ptr<nvml::Library> library_;
  std::vector<nvml::Card> cards_;
  std::filesystem::path root_;
  nvml::EventSet events_ = nullptr;
};

base::Result<const nvml::Card*> NvmlGpus::FindCard(const std::string& gpu) const {
  for (const nvml::Card& card : cards_) {
    if (card.gpu.uuid == gpu) return &card;
  }
  return OperatorError(Code::kNotFound, "no GPU " + gpu);
}

base::Result<nvml::GpuInstanceHandle> NvmlGpus::FindInstance(const std::string& gpu, int id) const {
  BH_ASSIGN(const nvml::Card* card, FindCard(gpu));
  nvml::GpuInstanceHandle handle = nullptr;
  BH_TRY(Check(F().DeviceGetGpuInstanceById(card->handle, static_cast<unsigned>(id), &handle),
               "nvmlDeviceGetGpuInstanceById"));
  return handle;
}

base::Result<nvml::ComputeInstanceHandle> NvmlGpus::FindCompute(
    const std::string& gpu, const InstanceNumbers& instance) const {
  BH_ASSIGN(const nvml::GpuInstanceHandle parent, FindInstance(gpu, instance.gpu_instance));
  nvml::ComputeInstanceHandle handle = nullptr;
  BH_TRY(Check(F().GpuInstanceGetComputeInstanceById(
                   parent, static_cast<unsigned>(instance.compute_instance), &handle),
               "nvmlGpuInstanceGetComputeInstanceById"));
  return handle;
}

base::Result<int> NvmlGpus::SlicesOf(const std::string& gpu,
                                     nvml::GpuInstanceHandle instance) const {
  BH_ASSIGN(const nvml::Card* card, FindCard(gpu));
  nvml::GpuInstanceRecord record{};
  BH_TRY(Check(F().GpuInstanceGetInfo(instance, &record), "nvmlGpuInstanceGetInfo"));
  for (const mig::Profile& profile : card->gpu.model.profiles) {
    if (static_cast<unsigned>(profile.id) == record.profile_id) return profile.slices;
  }
  return OperatorError(Code::kUnavailable, "an instance of no known profile");
}

base::Result<std::vector<Gpu>> NvmlGpus::List() {
  std::vector<Gpu> gpus;
  for (nvml::Card& card : cards_) {
    // A lost GPU must not keep the others from being used.
    unsigned current = 0;
    unsigned pending = 0;
    const nvml::Return code = F().DeviceGetMigMode(card.handle, &current, &pending);
    if (code == nvml::kGpuIsLost || code == nvml::kResetRequired) continue;
    BH_TRY(nvml::Refresh(*library_, card));
    gpus.push_back(card.gpu);
  }
  return gpus;
}

base::Result<int> NvmlGpus::CreateGpuInstance(const std::string& gpu, int profile_id, int start) {
  BH_ASSIGN(const nvml::Card* card, FindCard(gpu));
  const auto& profiles = card->gpu.model.profiles;
  const auto profile = std::ranges::find(profiles, profile_id, &mig::Profile::id);
  if (profile == profiles.end()) return OperatorError(Code::kInvalid, "no such profile");
  const nvml::GpuInstancePlacement placement{static_cast<unsigned>(start),
                                             static_cast<unsigned>(profile->units)};
  nvml::GpuInstanceHandle handle = nullptr;
  BH_TRY(Check(F().DeviceCreateGpuInstanceWithPlacement(
                   card->handle, static_cast<unsigned>(profile_id), &placement, &handle),
               "nvmlDeviceCreateGpuInstanceWithPlacement"));
  nvml::GpuInstanceRecord record{};
  const base::Status read =
      Check(F().GpuInstanceGetInfo(handle, &record), "nvmlGpuInstanceGetInfo");
  if (!read.ok()) return Unclear(read.error());
  return static_cast<int>(record.id);
}

base::Result<ComputeInstance> NvmlGpus::CreateComputeInstance(const std::string& gpu,
                                                              int gpu_instance) {
  BH_ASSIGN(const nvml::GpuInstanceHandle parent, FindInstance(gpu, gpu_instance));
  BH_ASSIGN(const int slices, SlicesOf(gpu, parent));
  BH_ASSIGN(const auto kinds, nvml::ReadComputeKinds(*library_, parent));
  const auto kind = std::ranges::find(kinds, slices, &nvml::ComputeKind::slices);
  if (kind == kinds.end()) {
    return OperatorError(Code::kUnsupported,
                         fmt::format("no compute instance has all {} slices", slices));
  }
  nvml::ComputeInstanceHandle handle = nullptr;
  BH_TRY(Check(F().GpuInstanceCreateComputeInstance(parent, kind->profile, &handle),
               "nvmlGpuInstanceCreateComputeInstance"));
  auto compute = nvml::ReadCompute(*library_, handle, slices);
  if (!compute.ok()) return Unclear(std::move(compute).error());
  return compute;
}

base::Status NvmlGpus::DestroyComputeInstance(const std::string& gpu,
                                              const InstanceNumbers& instance) {
  BH_ASSIGN(const nvml::ComputeInstanceHandle handle, FindCompute(gpu, instance));
  return Check(F().ComputeInstanceDestroy(handle), "nvmlComputeInstanceDestroy");
}

base::Status NvmlGpus::DestroyGpuInstance(const std::string& gpu, int gpu_instance) {
  BH_ASSIGN(const nvml::GpuInstanceHandle handle, FindInstance(gpu, gpu_instance));
  return Check(F().GpuInstanceDestroy(handle), "nvmlGpuInstanceDestroy");
}

base::Result<std::vector<int>> NvmlGpus::Processes(const std::string& gpu,
                                                   const std::optional<InstanceNumbers>& instance) {
  BH_ASSIGN(const nvml::Card* card, FindCard(gpu));
  nvml::Device device = card->handle;
  if (instance) {
    BH_ASSIGN(const nvml::ComputeInstanceHandle handle, FindCompute(gpu, *instance));
    nvml::ComputeInstanceRecord record{};
    BH_TRY(Check(F().ComputeInstanceGetInfo(handle, &record), "nvmlComputeInstanceGetInfo_v2"));
    device = record.device;
  }
  std::vector<nvml::ProcessRecord> records(64);
  while (true) {
    auto count = static_cast<unsigned>(records.size());
    const nvml::Return code = F().DeviceGetComputeRunningProcesses(device, &count, records.data());
    if (code != nvml::kInsufficientSize || records.size() >= kProcessesMax) {
      BH_TRY(Check(code, "nvmlDeviceGetComputeRunningProcesses_v3"));
      records.resize(std::min<std::size_t>(count, records.size()));
      break;
    }
    // More may start between two calls.
    records.resize(records.size() * 4);
  }
  std::vector<int> ids;
  for (const nvml::ProcessRecord& record : records) ids.push_back(static_cast<int>(record.pid));
  return ids;
}

base::Status NvmlGpus::ListenForFaults() {
  const nvml::Return made = F().EventSetCreate(&events_);
  if (made == nvml::kNotSupported) return base::Ok();
  BH_TRY(Check(made, "nvmlEventSetCreate"));
  for (const nvml::Card& card : cards_) {
    const nvml::Return code = F().DeviceRegisterEvents(card.handle, nvml::kXidEvent, events_);
    // Some GPUs report none.
    if (code != nvml::kNotSupported) BH_TRY(Check(code, "nvmlDeviceRegisterEvents"));
  }
  return base::Ok();
}

base::Result<std::vector<GpuFault>> NvmlGpus::TakeFaults() {
  std::vector<GpuFault> faults;
  if (events_ == nullptr) return faults;
  for (int i = 0; i < kFaultsMax; ++i) {
    nvml::Event event{};
    const nvml::Return code = F().EventSetWait(events_, &event, 0);
    // Lost: List leaves that GPU out.
    if (code == nvml::kTimeout || code == nvml::kGpuIsLost) return faults;
    const base::Status read = Check(code, "nvmlEventSetWait_v2");
    // What was read is gone from the library, so it is told first.
    if (!read.ok() && faults.empty()) return Unclear(read.error());
    if (!read.ok()) return faults;
    const auto card = std::ranges::find(cards_, event.device, &nvml::Card::handle);
    if (card == cards_.end() || event.event_type != nvml::kXidEvent) continue;
    GpuFault fault{card->gpu.uuid, std::nullopt, event.event_data};
    if (event.gpu_instance_id != nvml::kNone) {
      fault.gpu_instance = static_cast<int>(event.gpu_instance_id);
    }
    faults.push_back(std::move(fault));
  }
  return faults;
}

base::Result<std::vector<std::filesystem::path>> NvmlGpus::DeviceNodes(
    const Gpu& gpu, const std::optional<InstanceNumbers>& instance) {
  std::vector<std::filesystem::path> nodes = {"/dev/nvidiactl", "/dev/nvidia-uvm",
                                              fmt::format("/dev/nvidia{}", gpu.minor)};
  if (!instance) return nodes;
  const std::string file = root_.string() + "/proc/driver/nvidia-caps/mig-minors";
  BH_ASSIGN(const std::string text, ReadKernelFile(file));
  const auto minors = FindCapabilities(text, gpu.minor, *instance);
  if (!minors.ok()) return WithContext(minors.error(), file);
  for (const int minor : {minors.value().gpu_instance, minors.value().compute_instance}) {
    nodes.emplace_back(fmt::format("/dev/nvidia-caps/nvidia-cap{}", minor));
  }
  return nodes;
}

}  // namespace

base::Result<std::shared_ptr<GpuDriver>> OpenNvmlGpus(const std::filesystem::path& library,
                                                      const std::filesystem::path& root) {
  BH_ASSIGN(std::unique_ptr<nvml::Library> loaded, nvml::Library::Load(library));
  BH_ASSIGN(std::vector<nvml::Card> cards, nvml::ReadCards(*loaded));
  auto gpus = std::make_shared<NvmlGpus>(std::move(loaded), std::move(cards), root);
  BH_TRY(gpus->ListenForFaults());
  return std::shared_ptr<GpuDriver>(std::move(gpus));
}

}  // namespace bulkhead::device
