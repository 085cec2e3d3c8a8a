// SPDX-License-Identifier: Apache-2.0
// GPUs that do not exist, with the driver's rules: for planning without hardware, and for tests.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/gpu_driver.h"

namespace bulkhead::device {

// A GPU of that model without instances: cut where the model can be cut, else with one process at a
// time. The UUID and all others below it follow from the number alone.
Gpu MakeSimulatedGpu(const mig::GpuModel& model, int number);

// A copy is another machine in the same state; it has neither the observer nor the failures.
struct SimulatedMachine {
  struct Process {
    int id = 0;
    std::string gpu;
    std::optional<InstanceNumbers> instance;
  };

  std::vector<Gpu> gpus;
  std::vector<Process> processes;
  std::vector<GpuFault> faults;
};

// What the driver refuses: a place off the table of the profile or taken, more of a profile than
// there may be, media engines twice, a second compute instance of full size, anything that is in
// use. Ids of instances follow from their places and come again, as NVIDIA's do.
class SimulatedGpus final : public GpuDriver {
 public:
  explicit SimulatedGpus(SimulatedMachine machine) : machine_(std::move(machine)) {}

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

  // As CreateComputeInstance, of any size that the GPU instance has left.
  base::Result<ComputeInstance> CreateComputeInstanceOf(const std::string& gpu, int gpu_instance,
                                                        int slices);

  // The state, which a test may change as another user of the machine would.
  [[nodiscard]] SimulatedMachine& machine() { return machine_; }

  // The call that follows `calls` others fails with that error; kAfter: once it is done.
  enum class When : bool { kBefore, kAfter };
  void FailCall(int calls, base::Error error, When when = When::kBefore);
  // The names of the calls so far, oldest first, with what was asked.
  [[nodiscard]] const std::vector<std::string>& calls() const { return calls_; }
  // Called before and after each call that may change anything.
  std::function<void()> observer;

 private:
  struct Failure {
    base::Error error;
    When when = When::kBefore;
  };
  template <typename T>
  base::Result<T> Call(std::string text, const std::function<base::Result<T>()>& work);
  Gpu* FindGpu(std::string_view uuid);
  [[nodiscard]] bool InUse(const std::string& gpu, int gpu_instance,
                           std::optional<int> compute_instance) const;

  SimulatedMachine machine_;
  std::map<std::size_t, Failure> failures_;  // by the number of the call
  std::vector<std::string> calls_;
};

}  // namespace bulkhead::device
