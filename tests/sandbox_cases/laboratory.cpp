// SPDX-License-Identifier: Apache-2.0
#include "sandbox_cases/laboratory.h"

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <utility>

#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "channel/blocking_client.h"
#include "channel/setup.h"
#include "image/encode.h"
#include "image/image.h"
#include "isolation/program_files.h"
#include "isolation/sandbox_driver.h"

namespace bulkhead::sandbox_cases {
namespace {

using isolation::Layer;
using isolation::LayerSet;

constexpr std::chrono::seconds kEndTimeMax{10};

int OneCore() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  ::sched_getaffinity(0, sizeof cores, &cores);
  for (int core = CPU_SETSIZE - 1; core > 0; --core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &cores)) return core;
  }
  return 0;
}

// The policy of the image, where the suite runs in a container of it (tests/image).
void AddLayersOfEnvironment(LayerSet& layers) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody calls setenv
  const char* names = std::getenv("BULKHEAD_OPTIONAL_LAYERS");
  std::istringstream words(names == nullptr ? "" : names);
  for (std::string name; std::getline(words, name, ',');) {
    if (const auto layer = isolation::ParseLayer(name)) layers.Add(*layer);
  }
}

Laboratory Open(const LayerSet& withheld) {
  Laboratory laboratory;
  isolation::SandboxOptions options;
  // Sweeping ends what an owner has, so two that are open at the same time need two names.
  options.owner = (withheld.empty() ? "cases-" : "cases-without-") + std::to_string(::getpid());
  options.withheld = withheld;
  laboratory.driver = isolation::MakeSandboxDriver(std::move(options));
  if (const auto swept = laboratory.driver->Sweep(); !swept.ok()) {
    laboratory.failure = swept.error().detail;
  }
  laboratory.policy.optional = withheld;
  for (const Layer layer : LayersOfRootOnly().List()) laboratory.policy.optional.Add(layer);
  AddLayersOfEnvironment(laboratory.policy.optional);
  laboratory.cpus = {OneCore()};
  return laboratory;
}

base::Result<base::UniqueFd> MemoryFile(std::span<const std::byte> bytes) {
  base::UniqueFd file(::memfd_create("weights", MFD_CLOEXEC));
  if (!file.valid()) return base::ErrnoError(errno);
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count <= 0) return base::ErrnoError(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return base::ErrnoError(errno);
  return file;
}

// True when the worker has nothing left to do but end.
bool SendFrames(const Subject& subject, base::UniqueFd frames, Outcome& outcome) {
  auto client = channel::BlockingClient::Connect(std::move(frames), subject.loading_time_max);
  if (!client.ok()) {
    outcome.answer = client.error();
    return client.error().code != base::Code::kDeadline;
  }
  const auto picture = subject.picture.empty() ? GrayPicture() : subject.picture;
  for (int frame = 0; frame < subject.frames; ++frame) {
    const auto reply = client.value().Detect(picture, {}, subject.patience);
    if (!reply.ok()) {
      outcome.answer = reply.error();
    } else {
      outcome.answer.reset();
      outcome.detections = reply.value().result.detections.size();
    }
    outcome.broken = !client.value().usable();
    if (outcome.broken) return outcome.answer->code == base::Code::kUnavailable;
  }
  // One that does not answer does not drain either.
  if (outcome.answer && outcome.answer->code == base::Code::kDeadline) return false;
  const base::Status drained = client.value().Drain(kEndTimeMax);
  if (!drained.ok() && !outcome.answer) outcome.answer = drained.error();
  return drained.ok();
}

// The worker has ended, or is about to, when its socket is closed; otherwise it must be ended.
isolation::Cause CauseOf(const Outcome& outcome) {
  const bool late = outcome.answer && outcome.answer->code == base::Code::kDeadline;
  return late ? isolation::Cause::kTimedOut : isolation::Cause::kKilled;
}

}  // namespace

LayerSet LayersOfRootOnly() {
  if (::geteuid() == 0) return {};
  return {Layer::kOwnUser, Layer::kCgroupMemory, Layer::kCgroupPids, Layer::kCgroupCpus};
}

Laboratory OpenLaboratory(const LayerSet& withheld) {
  return OpenLaboratory(withheld, BULKHEAD_HOSTILE_WORKER);
}

Laboratory OpenLaboratory(const LayerSet& withheld, const std::filesystem::path& program) {
  Laboratory laboratory = Open(withheld);
  auto files = isolation::ProgramFiles({program});
  if (!files.ok()) {
    laboratory.failure = files.error().detail;
    return laboratory;
  }
  laboratory.program = {program, "", std::move(files).value()};
  return laboratory;
}

Laboratory OpenProductLaboratory() {
  Laboratory laboratory = Open({});
  auto program = compartment::InspectWorker(BULKHEAD_PRODUCT_WORKER);
  if (!program.ok()) {
    laboratory.failure = program.error().detail;
    return laboratory;
  }
  laboratory.program = std::move(program).value();
  return laboratory;
}

Subject SubjectOf(const Order& order) {
  Subject subject;
  subject.model = EncodeOrder(order);
  return subject;
}

base::Result<compartment::Worker> Start(Laboratory& laboratory, const Subject& subject) {
  BH_ASSIGN(const base::UniqueFd model, MemoryFile(subject.model));
  BH_ASSIGN(const std::vector<std::byte> setup, channel::EncodeSetup({}));
  compartment::WorkerSpec spec;
  spec.name = subject.name;
  spec.setup = setup;
  spec.weights = model.get();
  spec.partition.cpus = laboratory.cpus;
  spec.partition.memory_bytes = subject.memory_bytes;
  spec.partition.environment = laboratory.environment;
  spec.policy = laboratory.policy;
  return compartment::StartWorker(*laboratory.driver, laboratory.program, spec);
}

Outcome Finish(Laboratory& laboratory, const Subject& subject, Moment moment,
               base::Result<compartment::Worker> started) {
  Outcome outcome;
  if (!started.ok()) {
    outcome.start = started.error();
    return outcome;
  }
  compartment::Worker worker = std::move(started).value();
  outcome.layers = worker.compartment.layers;
  if (moment == Moment::kServing) {
    // A worker whose socket closed is given the time to die of what it did.
    if (SendFrames(subject, std::move(worker.frames), outcome)) WaitForEnd(worker, kEndTimeMax);
  } else if (!WaitForEnd(worker, subject.patience)) {
    outcome.answer = base::OperatorError(base::Code::kDeadline, "it goes on");
  }
  outcome.log = compartment::ReadLog(worker);
  auto end = compartment::EndWorker(*laboratory.driver, std::move(worker), CauseOf(outcome));
  if (end.ok()) {
    outcome.end = std::move(end).value();
  } else {
    outcome.start = base::WithContext(end.error(), "end");
  }
  return outcome;
}

Outcome Watch(Laboratory& laboratory, const Order& order) {
  const Subject subject = SubjectOf(order);
  return Finish(laboratory, subject, order.moment, Start(laboratory, subject));
}

Outcome Watch(Laboratory& laboratory, const Subject& subject) {
  return Finish(laboratory, subject, Moment::kServing, Start(laboratory, subject));
}

bool WaitForEnd(const compartment::Worker& worker, std::chrono::milliseconds timeout) {
  pollfd process{worker.compartment.process.get(), POLLIN, 0};
  return ::poll(&process, 1, static_cast<int>(timeout.count())) == 1;
}

std::string DescribeOutcome(const Outcome& outcome) {
  if (outcome.start) return "not started: " + outcome.start->detail;
  std::string text = isolation::Describe(outcome.end);
  if (outcome.answer) text += ", answer: " + outcome.answer->detail;
  return text + ", log: " + outcome.log;
}

bool HasLoot(const Outcome& outcome) { return outcome.log.find("loot: ") != std::string::npos; }

std::vector<std::byte> GrayPicture() {
  image::Image gray;
  gray.Reshape(16, 16);
  auto encoded = image::EncodeJpeg(gray, 90);
  return encoded.ok() ? std::move(encoded).value() : std::vector<std::byte>();
}

}  // namespace bulkhead::sandbox_cases
