// SPDX-License-Identifier: Apache-2.0
// What the suites over isolation drivers share: the drivers, a spec for the test program, one run
// of it, and what a run could leave behind.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/test_folder.h"
#include "base/unique_fd.h"
#include "isolation/isolation_driver.h"

namespace bulkhead::isolation {

struct DriverKind {
  std::string name;
  bool sandbox = false;
  std::function<std::unique_ptr<IsolationDriver>(const LayerSet& withheld)> open;
};
void PrintTo(const DriverKind& kind, std::ostream* out);

// The sandbox and the pod driver, with an owner name that no other test process has.
std::vector<DriverKind> DriverKinds();
std::string OwnerName();

// The layers that a probe finds working, and why the others do not; probed once per process.
struct Machine {
  LayerSet works;
  LayerSet all;
  std::string missing;
};
const Machine& ProbeMachine(const DriverKind& kind);

struct Pipe {
  base::UniqueFd read;
  base::UniqueFd write;
};
Pipe OpenPipe();
// Everything until the other end is closed, as lines.
std::vector<std::string> ReadLines(int fd);
// Whether the process of a pidfd ends within 10 seconds.
bool Ends(int process);

// How one life went: what the program said on descriptor 3 and on 2, and its end.
struct Life {
  std::vector<std::string> lines;
  std::vector<std::string> errors;
  End end;
  LayerSet layers;
};

// What starts and ends leave behind if they do: descriptors, mounts, cgroups, children.
struct Traces {
  std::vector<std::string> descriptors;
  std::string mounts;
  std::vector<std::string> cgroups;
  bool children = false;
  friend bool operator==(const Traces&, const Traces&) = default;
};
Traces TakeTraces();
void PrintTo(const Traces& traces, std::ostream* out);
// Bytes of this process's memory that were allocated and not freed.
std::size_t BytesInUse();

// A folder of its own below the tests' temporary folder, removed at the end.
class TrialFolder : public base::TestFolder {
 public:
  TrialFolder();
  // A file with this text and mode.
  [[nodiscard]] std::string Write(const std::string& name, const std::string& text,
                                  mode_t mode) const;
};

class CompartmentTrial : public testing::TestWithParam<DriverKind> {
 protected:
  void SetUp() override;

  // The test program with these arguments, on one core, with every layer that works here.
  [[nodiscard]] LaunchSpec Spec(std::vector<std::string> arguments) const;
  // Starts it with pipes at 3 (its answers), 4 (holds it until closed) and 2, and waits for its
  // end.
  base::Result<Life> RunToEnd(LaunchSpec spec, IsolationDriver& driver);
  base::Result<Life> RunToEnd(std::vector<std::string> arguments);

  struct Held {
    Compartment compartment;
    Pipe answers;
    Pipe hold;
  };
  // The same for a program that says "up" and stays.
  base::Result<Held> StartHeld(LaunchSpec spec, IsolationDriver& driver);

  [[nodiscard]] bool Works(Layer layer) const { return ProbeMachine(GetParam()).works.Has(layer); }
  // The text of /proc/PID/FILE.
  static std::string Proc(pid_t pid, const std::string& file);
  // The value of a line of /proc/PID/status.
  static std::string Status(pid_t pid, const std::string& key);

  std::unique_ptr<IsolationDriver> driver_;
};

}  // namespace bulkhead::isolation
