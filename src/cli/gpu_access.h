// SPDX-License-Identifier: Apache-2.0
// How the commands of `bulkhead gpu` reach GPUs: simulated ones, those of a running node, or this
// machine's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/device_backend.h"

namespace bulkhead::cli {

enum class GpuPurpose : uint8_t { kRead, kChange };

struct GpuWhere {
  // SPEC (device/simulation.h): nothing else is asked. Empty: real GPUs, or a node's.
  std::string simulated;
  // The control socket of the node that is asked first, where one serves it.
  std::filesystem::path node;
  // Where none does: the state folder with the journal of what is ours, which is held meanwhile.
  std::filesystem::path state;
  GpuPurpose purpose = GpuPurpose::kRead;
};

// One instance that is made, or given up, at a place.
struct InstanceChange {
  bool make = true;
  std::string device_id;
  std::string profile;
  int start = 0;
  friend bool operator==(const InstanceChange&, const InstanceChange&) = default;
};

struct OpenedGpus {
  std::vector<device::Device> devices;
  bool owners_known = false;  // whether `holders` of the devices say anything
  std::string through;        // for people: "the node at /var/lib/bulkhead/node.sock"
  // Errors of DeviceBackend::MakeIdle and RemoveIdle. Empty where they were opened to be read.
  std::function<base::Status(const InstanceChange&)> change;
};

// Changes nothing. kUnavailable: no GPUs can be reached; the detail says why and what to do.
// kConflict: a node holds the state folder and does not answer at `node`. Otherwise as the devices
// answer.
using OpenGpus = std::function<base::Result<OpenedGpus>(const GpuWhere&)>;

}  // namespace bulkhead::cli
