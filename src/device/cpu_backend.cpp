// SPDX-License-Identifier: Apache-2.0
#include "device/cpu_backend.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "device/core_choice.h"
#include "device/cpu_profile.h"
#include "device/cpu_topology.h"
#include "device/host_memory.h"
#include "device/kernel_file.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;

constexpr int64_t kMebibyte = int64_t{1} << 20;

// What a person calls the processor; the kernels of some architectures do not say.
std::string ProcessorName(const std::filesystem::path& root) {
  const auto text = ReadKernelFile(root.string() + "/proc/cpuinfo");
  constexpr std::string_view kName = "model name\t: ";
  const std::size_t start = text.ok() ? text.value().find(kName) : std::string::npos;
  if (start == std::string::npos) return "CPU";
  const std::size_t value = start + kName.size();
  return text.value().substr(value, text.value().find('\n', value) - value);
}

// What a backend hands out of, fixed when it is opened.
struct Pool {
  std::string name;
  std::vector<Core> cores;
  std::vector<bool> core_free;
  int cores_kept = 0;
  std::size_t split_cpus = 0;
  int64_t memory_bytes = 0;  // to hand out
  int64_t memory_kept_bytes = 0;
};

// Keeps `count` cores back: slow ones first, then the lowest, where most interrupts go anyway.
void KeepCores(int count, Pool& pool) {
  for (const bool efficient : {true, false}) {
    for (std::size_t i = 0; i < pool.cores.size() && count > 0; ++i) {
      if (pool.cores[i].efficient != efficient) continue;
      pool.core_free[i] = false;
      --count;
    }
  }
}

base::Result<Pool> MakePool(const CpuBackendOptions& options) {
  BH_ASSIGN(CpuTopology topology, ReadCpuTopology(options.root));
  BH_ASSIGN(const HostMemory memory, ReadHostMemory(options.root));
  const auto cores = static_cast<int>(topology.cores.size());
  if (cores == 0) {
    return OperatorError(Code::kUnavailable,
                         "no whole core is ours: every CPU that this process may use shares its "
                         "core with one that it may not; widen its CPU set");
  }
  Pool pool;
  pool.name = ProcessorName(options.root);
  pool.cores_kept = options.cores_kept.value_or(cores >= 4 ? 1 : 0);
  pool.memory_kept_bytes = options.memory_kept_bytes.value_or(
      std::clamp(memory.total_bytes / 16, 256 * kMebibyte, 4096 * kMebibyte));
  if (pool.cores_kept < 0 || pool.cores_kept >= cores || pool.memory_kept_bytes < 0) {
    return OperatorError(
        Code::kInvalid,
        fmt::format("cannot keep {} cores and {} MiB back: this machine has {} cores that we may "
                    "use; leave at least one to hand out",
                    pool.cores_kept, pool.memory_kept_bytes / kMebibyte, cores));
  }
  pool.memory_bytes = std::max<int64_t>(memory.available_bytes - pool.memory_kept_bytes, 0);
  pool.split_cpus = topology.split_cpus.size();
  pool.cores = std::move(topology.cores);
  pool.core_free.assign(pool.cores.size(), true);
  KeepCores(pool.cores_kept, pool);
  return pool;
}

struct Holding {
  Partition partition;
  std::vector<std::size_t> cores;
};

class CpuBackend final : public DeviceBackend {
 public:
  CpuBackend(std::filesystem::path root, Pool pool)
      : root_(std::move(root)), pool_(std::move(pool)) {}

  base::Result<std::vector<Device>> List() override {
    BH_ASSIGN(const HostMemory memory, ReadHostMemory(root_));
    Device device;
    device.id = "cpu";
    device.name = pool_.name;
    device.cores_free = CoresFree();
    device.cores_total = static_cast<int>(pool_.cores.size());
    device.memory_free_bytes = MemoryFree(memory);
    device.memory_total_bytes = memory.total_bytes;
    return std::vector<Device>{device};
  }

  base::Result<Partition> Acquire(const PartitionRequest& request) override {
    BH_ASSIGN(const CpuProfile profile, ParseCpuProfile(request.profile));
    if (request.start || request.device_id.value_or("cpu") != "cpu") {
      return OperatorError(Code::kInvalid,
                           "cores have no places to choose: ask for the device \"cpu\" and no "
                           "start, or for neither");
    }
    BH_ASSIGN(const HostMemory memory, ReadHostMemory(root_));
    const int64_t memory_free = MemoryFree(memory);
    const auto chosen =
        ChooseCores(pool_.cores, pool_.core_free, static_cast<std::size_t>(profile.cores));
    if (!chosen || profile.memory_bytes > memory_free) return NoRoom(profile, memory_free);
    Partition partition;
    for (const std::size_t core : *chosen) {
      pool_.core_free[core] = false;
      const auto& cpus = pool_.cores[core].cpus;
      partition.cpus.insert(partition.cpus.end(), cpus.begin(), cpus.end());
    }
    std::ranges::sort(partition.cpus);
    // Held partitions share no CPU, so the lowest one alone tells them apart.
    partition.id = fmt::format("cpu-{}-{}", partition.cpus.front(), partition.cpus.back());
    partition.generation = ++generation_;
    partition.device_id = "cpu";
    partition.profile = FormatCpuProfile(profile);
    partition.tier = Tier::kCpu;
    partition.memory_bytes = profile.memory_bytes;
    memory_held_bytes_ += profile.memory_bytes;
    held_.push_back({partition, *chosen});
    return partition;
  }

  base::Status Scrub(const Partition& partition) override {
    if (Find(partition) == held_.end()) return NotHeld(partition);
    return base::Ok();
  }

  base::Status Release(const Partition& partition) override {
    const auto holding = Find(partition);
    if (holding == held_.end()) return NotHeld(partition);
    for (const std::size_t core : holding->cores) pool_.core_free[core] = true;
    memory_held_bytes_ -= holding->partition.memory_bytes;
    held_.erase(holding);
    return base::Ok();
  }

  base::Status MakeIdle(const PartitionRequest& /*place*/) override { return NotCut(); }
  base::Status RemoveIdle(const PartitionRequest& /*place*/) override { return NotCut(); }

 private:
  static base::Error NotCut() {
    return OperatorError(Code::kUnsupported, "cores are not cut beforehand");
  }

  [[nodiscard]] int CoresFree() const {
    return static_cast<int>(std::ranges::count(pool_.core_free, true));
  }

  // Held memory that is in use already is missing from what is available too, so the second bound
  // is only reached when others on the machine took more than was kept for them.
  [[nodiscard]] int64_t MemoryFree(const HostMemory& memory) const {
    const int64_t free = std::min(pool_.memory_bytes - memory_held_bytes_, memory.available_bytes);
    return std::max<int64_t>(free, 0);
  }

  [[nodiscard]] base::Error NoRoom(const CpuProfile& profile, int64_t memory_free) const {
    std::string text = fmt::format(
        "no room for {}: {} of {} cores and {} MiB are free; {} partitions are held, {} cores and "
        "{} MiB are kept for the machine. Take a smaller profile, release a partition, or keep "
        "less back",
        FormatCpuProfile(profile), CoresFree(), pool_.cores.size(), memory_free / kMebibyte,
        held_.size(), pool_.cores_kept, pool_.memory_kept_bytes / kMebibyte);
    if (pool_.split_cpus > 0) {
      text += fmt::format(
          "; {} CPUs are not used because they share a core with CPUs that are not "
          "ours",
          pool_.split_cpus);
    }
    return OperatorError(Code::kExhausted, std::move(text));
  }

  std::vector<Holding>::iterator Find(const Partition& partition) {
    return std::ranges::find_if(held_, [&](const Holding& holding) {
      return holding.partition.id == partition.id &&
             holding.partition.generation == partition.generation;
    });
  }

  static base::Error NotHeld(const Partition& partition) {
    return OperatorError(Code::kNotFound, "partition " + partition.id + " is not held");
  }

  std::filesystem::path root_;
  Pool pool_;
  int64_t memory_held_bytes_ = 0;
  uint64_t generation_ = 0;
  std::vector<Holding> held_;
};

}  // namespace

base::Result<std::unique_ptr<DeviceBackend>> OpenCpuBackend(const CpuBackendOptions& options) {
  BH_ASSIGN(Pool pool, MakePool(options));
  return std::unique_ptr<DeviceBackend>(
      std::make_unique<CpuBackend>(options.root, std::move(pool)));
}

}  // namespace bulkhead::device
