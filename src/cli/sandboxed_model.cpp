// SPDX-License-Identifier: Apache-2.0
#include "cli/sandboxed_model.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include "channel/blocking_client.h"
#include "channel/setup.h"
#include "compartment/weights.h"
#include "compartment/worker.h"
#include "compartment/worker_program.h"

namespace bulkhead::cli {
namespace {

constexpr std::chrono::minutes kStartTimeout{5};
constexpr std::chrono::minutes kPictureTimeout{10};
constexpr std::chrono::seconds kDrainTimeout{5};

// Weights are held by the file, by the session and by its optimised copy; the rest is for
// activations, a picture of the largest size and the libraries.
constexpr int64_t kMemoryPerWeightByte = 4;
constexpr int64_t kMemoryBaseBytes = int64_t{3} << 30;

std::vector<int> UsableCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return {0};
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(static_cast<int>(cpu));
  }
  return cpus;
}

int64_t MachineMemoryBytes() {
  return int64_t{::sysconf(_SC_PHYS_PAGES)} * int64_t{::sysconf(_SC_PAGESIZE)};
}

device::Partition PartitionOf(const DetectArguments& arguments, int64_t weights_bytes) {
  device::Partition partition;
  partition.id = "detect";
  partition.tier = device::Tier::kCpu;
  partition.cpus = UsableCpus();
  partition.memory_bytes =
      std::min(kMemoryBaseBytes + kMemoryPerWeightByte * weights_bytes, MachineMemoryBytes());
  if (arguments.memory_mib > 0) partition.memory_bytes = arguments.memory_mib << 20;
  return partition;
}

channel::Setup SetupOf(const DetectArguments& arguments, const device::Partition& partition) {
  channel::Setup setup;
  setup.provider = engine::ProviderName(arguments.engine.provider);
  setup.threads = arguments.engine.threads > 0 ? arguments.engine.threads
                                               : static_cast<int>(partition.cpus.size());
  setup.overrides = arguments.overrides;
  return setup;
}

class SandboxedModel {
 public:
  SandboxedModel(const DetectArguments& arguments, compartment::WorkerProgram program,
                 std::unique_ptr<isolation::IsolationDriver> driver)
      : arguments_(arguments), program_(std::move(program)), driver_(std::move(driver)) {}
  SandboxedModel(const SandboxedModel&) = delete;
  SandboxedModel& operator=(const SandboxedModel&) = delete;
  ~SandboxedModel() {
    if (client_) (void)client_->Drain(kDrainTimeout);
    (void)Stop();
  }

  base::Status Start() {
    BH_ASSIGN(const base::UniqueFd weights,
              compartment::LoadWeights(arguments_.model, kModelBytesMax));
    const int64_t weights_bytes = ::lseek(weights.get(), 0, SEEK_END);
    compartment::WorkerSpec spec;
    spec.name = fmt::format("detect-{}", ::getpid());
    spec.weights = weights.get();
    spec.partition = PartitionOf(arguments_, weights_bytes);
    spec.policy.optional = arguments_.optional_layers;
    BH_ASSIGN(const std::vector<std::byte> setup,
              channel::EncodeSetup(SetupOf(arguments_, spec.partition)));
    spec.setup = setup;
    memory_mib_ = spec.partition.memory_bytes >> 20;
    BH_ASSIGN(worker_, compartment::StartWorker(*driver_, program_, spec));
    auto client = channel::BlockingClient::Connect(std::move(worker_->frames), kStartTimeout);
    if (!client.ok()) return Ended(std::move(client).error());
    client_ = std::move(client).value();
    base::Status ready = compartment::WaitUntilReady(*worker_, kStartTimeout);
    if (!ready.ok()) return Ended(std::move(ready).error());
    return ready;
  }

  base::Result<Detected> Detect(std::span<const std::byte> encoded,
                                const yolo::DetectOptions& options, bool annotate) {
    if (!client_) BH_TRY(Start());
    auto reply = client_->Detect(encoded, options, kPictureTimeout, annotate);
    if (!reply.ok()) {
      if (client_->usable()) return std::move(reply).error();
      return Ended(std::move(reply).error());
    }
    channel::DetectReply answer = std::move(reply).value();
    return Detected{
        std::move(answer.result),
        {answer.times.decode, answer.times.letterbox, answer.times.infer, answer.times.heads},
        std::move(answer.annotated)};
  }

  [[nodiscard]] const yolo::ModelSpec& spec() const { return client_->hello().spec; }
  [[nodiscard]] const isolation::LayerSet& layers() const { return worker_->compartment.layers; }

 private:
  base::Result<isolation::End> Stop() {
    client_.reset();
    if (!worker_) return isolation::End{};
    compartment::Worker worker = std::move(*worker_);
    worker_.reset();
    return compartment::EndWorker(*driver_, std::move(worker), isolation::Cause::kKilled);
  }

  // What to tell of a worker that failed with `error`: its own words, or how it ended.
  base::Error Ended(base::Error error) {
    const auto end = Stop();
    if (!end.ok() || error.code != base::Code::kUnavailable) return error;
    std::string text = "the worker ended: " + isolation::Describe(end.value());
    if (end.value().reason == isolation::EndReason::kOutOfMemory) {
      text += fmt::format("; --memory gives it more than {} MiB", memory_mib_);
    }
    return base::PublicError(base::Code::kUnavailable, text);
  }

  const DetectArguments arguments_;
  const compartment::WorkerProgram program_;
  const std::unique_ptr<isolation::IsolationDriver> driver_;
  std::optional<compartment::Worker> worker_;
  std::optional<channel::BlockingClient> client_;
  int64_t memory_mib_ = 0;
};

}  // namespace

base::Result<OpenedModel> OpenSandboxed(const DetectArguments& arguments,
                                        const OpenDriver& open_driver) {
  if (arguments.engine.provider != engine::Provider::kCpu) {
    return base::PublicError(base::Code::kUnsupported,
                             "a sandboxed worker runs on CPU cores; --no-sandbox --provider " +
                                 std::string(engine::ProviderName(arguments.engine.provider)) +
                                 " uses the GPU without isolation");
  }
  BH_ASSIGN(const std::filesystem::path path, compartment::FindWorker());
  BH_ASSIGN(compartment::WorkerProgram program, compartment::InspectWorker(path));
  BH_ASSIGN(std::unique_ptr<isolation::IsolationDriver> driver, open_driver());
  const auto model =
      std::make_shared<SandboxedModel>(arguments, std::move(program), std::move(driver));
  BH_TRY(model->Start());
  const auto detect = [model](std::span<const std::byte> encoded,
                              const yolo::DetectOptions& options,
                              bool annotate) { return model->Detect(encoded, options, annotate); };
  return OpenedModel{model->spec(), detect, model->layers()};
}

}  // namespace bulkhead::cli
