// SPDX-License-Identifier: Apache-2.0
// Where attackers are watched from: the supervisor's side of every case, made of the product's own
// parts (isolation, compartment, channel).
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compartment/worker.h"
#include "isolation/isolation_driver.h"
#include "sandbox_cases/order.h"

namespace bulkhead::sandbox_cases {

struct Laboratory {
  std::unique_ptr<isolation::IsolationDriver> driver;
  compartment::WorkerProgram program;
  isolation::Policy policy;
  std::vector<int> cpus;  // of every compartment: one core
  std::vector<std::string> environment;
  std::string failure;  // "": it is open
};

// As root every layer is required; as an ordinary user all but those that only root can give.
// `withheld`: layers to do without, to see what they are good for; they are optional then.
Laboratory OpenLaboratory(const isolation::LayerSet& withheld = {});
// The same with this copy of the attacker's program.
Laboratory OpenLaboratory(const isolation::LayerSet& withheld,
                          const std::filesystem::path& program);

// The same with the product's worker in place of the attacker's program.
Laboratory OpenProductLaboratory();

// Layers that this user cannot be given.
isolation::LayerSet LayersOfRootOnly();

constexpr int64_t kMemoryBytes = int64_t{256} << 20;  // of every compartment

struct Subject {
  std::string name = "attacker";
  std::vector<std::byte> model;    // an encoded Order, or a model
  std::vector<std::byte> picture;  // empty: a small gray one
  int frames = 1;
  std::chrono::milliseconds patience{10'000};          // for a frame
  std::chrono::milliseconds loading_time_max{20'000};  // until Hello
  int64_t memory_bytes = kMemoryBytes;
};

Subject SubjectOf(const Order& order);

// What came of it.
struct Outcome {
  std::optional<base::Error> start;   // it did not start
  std::optional<base::Error> answer;  // of the last frame, or of Hello
  bool broken = false;                // it broke the protocol, or the socket
  std::size_t detections = 0;         // of the last frame, when it was answered
  isolation::End end;
  std::string log;
  isolation::LayerSet layers;
};

// Starts it; Finish sends its frames if it is to serve, waits for its end and ends it otherwise.
base::Result<compartment::Worker> Start(Laboratory& laboratory, const Subject& subject);
Outcome Finish(Laboratory& laboratory, const Subject& subject, Moment moment,
               base::Result<compartment::Worker> worker);

// Both.
Outcome Watch(Laboratory& laboratory, const Order& order);
Outcome Watch(Laboratory& laboratory, const Subject& subject);

// Blocks until the process has ended; false: it has not.
bool WaitForEnd(const compartment::Worker& worker, std::chrono::milliseconds timeout);

// "violated (openat), log: ..."
std::string DescribeOutcome(const Outcome& outcome);

// An attack came back with what it was after.
bool HasLoot(const Outcome& outcome);

std::vector<std::byte> GrayPicture();

}  // namespace bulkhead::sandbox_cases
