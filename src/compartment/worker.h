// SPDX-License-Identifier: Apache-2.0
// One worker: started on a partition, watched through its status pipe, ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "channel/inheritance.h"
#include "compartment/worker_program.h"
#include "device/device_backend.h"
#include "isolation/isolation_driver.h"

namespace bulkhead::compartment {

struct WorkerSpec {
  std::string name;                  // as isolation::LaunchSpec::name
  std::span<const std::byte> setup;  // an encoded channel::Setup, passed on unread
  int weights = -1;                  // a memfd with the model; borrowed, wiped by the worker
  device::Partition partition;
  isolation::Policy policy;
};

// Move only. Give it back to EndWorker.
struct Worker {
  isolation::Compartment compartment;
  base::UniqueFd frames;  // our end of the frames socket, to be handed to whoever sends frames
  base::UniqueFd status;  // readable when there is something for ReadStatus; does not block
  base::UniqueFd log;     // what it wrote to its error output; does not block
  std::optional<channel::StatusRecord> violation;  // as it reported itself
};

// Starts the program in a compartment. Returns before it is ready.
// Errors are those of IsolationDriver::Start, kExhausted for descriptors, and kUnsupported for a
// partition of a simulated device.
base::Result<Worker> StartWorker(isolation::IsolationDriver& driver, const WorkerProgram& program,
                                 const WorkerSpec& spec);

// The next record of its status pipe, or nothing when there is none now. kUnavailable: the worker
// closed it, so it is ending. kCorrupt: not a record of ours; end it.
base::Result<std::optional<channel::StatusRecord>> ReadStatus(Worker& worker);

// Blocks until kReady. kDeadline; kUnavailable: it ended or gave up first, and the detail is the
// last line of its log.
base::Status WaitUntilReady(Worker& worker, std::chrono::milliseconds timeout);

// What it has logged since the last call: at most 64 KiB, newest kept, unprintable bytes replaced.
std::string ReadLog(Worker& worker);

// Ends it if it still runs, and says how it ended, with the system call of a violation.
base::Result<isolation::End> EndWorker(isolation::IsolationDriver& driver, Worker worker,
                                       isolation::Cause cause);

}  // namespace bulkhead::compartment
